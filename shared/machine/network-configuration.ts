import * as z from 'zod';
import { parseAddress, parsePrefix } from '../protocols/ip/address.ts';

const address = z.string().refine(text => parseAddress(text) !== undefined, {
  error: 'must be an IP address such as "192.0.2.1" or "2001:db8::1"',
});
const prefix = z.string().refine(text => parsePrefix(text) !== undefined, {
  error: 'must be an address with its prefix length, such as "192.0.2.10/24" or "2001:db8::10/64"',
});
/** A host name or an address. */
const server = z.string().regex(/^[A-Za-z0-9:]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9:])?$/, {
  error: 'must be a host name such as "ptbtime1.ptb.de" or an IP address',
});

/** `[network]`: how the machine finds its addresses. The defaults suit a provider's network and a home router. */
export const networkTable = z.strictObject({
  ipv4: z.enum(['dhcp', 'static', 'off']).default('dhcp').describe('Where the IPv4 address comes from.'),
  ipv6: z
    .enum(['automatic', 'static', 'off'])
    .default('automatic')
    .describe('"automatic" follows router advertisements: SLAAC, and DHCPv6 where the router says so.'),
  interface: z
    .string()
    .regex(/^([0-9a-f]{2}(:[0-9a-f]{2}){5}|[a-z][a-z0-9]{0,14})$/)
    .optional()
    .describe(
      'The only link to use, by name ("eth0") or hardware address; without it every Ethernet link is used.',
    ),
  addresses: z.array(prefix).max(16).default([]).describe('Static addresses of both families.'),
  gateways: z.array(address).max(2).default([]).describe('Static default gateways, at most one a family.'),
  'name-servers': z.array(address).max(3).default([]).describe('Used before those the network announces.'),
  'mtu-bytes': z
    .int()
    .min(1280)
    .max(9216)
    .optional()
    .describe('Largest packet; the network decides without it.'),
});

/** `[time]`: where the clock is set from. */
export const timeTable = z.strictObject({
  servers: z
    .array(server)
    .max(8)
    .default(['time.cloudflare.com', 'ptbtime1.ptb.de', 'time.nist.gov'])
    .describe(
      'NTP servers, asked beside those of the network; an empty list leaves the clock to the hardware.',
    ),
});

/** The machine's own tables of the TOML file, for the one strict validation of the appliance. */
export const networkConfiguration = { network: networkTable.prefault({}), time: timeTable.prefault({}) };

export type NetworkTable = z.infer<typeof networkTable>;
export type TimeTable = z.infer<typeof timeTable>;
