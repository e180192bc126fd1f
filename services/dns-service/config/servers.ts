import * as z from 'zod';
import { listenPort } from '../../../shared/appliance/configuration/listening.ts';
import { parseAddress } from '../../../shared/protocols/ip/address.ts';

export const keyName = z.string().regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?$/);

export const keyReference = keyName.optional().meta({
  description: 'the name of a key in [[dns-service.keys]] that signs what is exchanged (TSIG)',
  examples: ['lares-web'],
});

const address = z.string().refine(text => parseAddress(text) !== undefined, {
  error: 'a numeric address, such as 192.0.2.1 or 2001:db8::1',
});

/** Another name server. */
export const server = z.strictObject({
  address: address.meta({ description: 'its numeric address', examples: ['192.0.2.1'] }),
  port: listenPort
    .min(1)
    .default(53)
    .meta({ description: 'its port', examples: [53] }),
  key: keyReference,
});

export type ServerConfiguration = z.output<typeof server>;
