import * as z from 'zod';

const FORWARDERS_MAX = 8;

/** How names are resolved for the appliance itself. */
export const resolver = z
  .strictObject({
    mode: z.enum(['system', 'validating']).default('system').meta({
      description:
        '"system" asks the name servers of the network and believes them; "validating" proves answers by DNSSEC from the root on',
    }),
    forwarders: z
      .array(z.union([z.ipv4(), z.ipv6()]))
      .max(FORWARDERS_MAX)
      .default([])
      .meta({
        description: `with "validating": resolvers to ask instead of the root's servers, by numeric address, at most ${FORWARDERS_MAX}`,
        examples: [['192.0.2.53']],
      }),
  })
  .superRefine(({ mode, forwarders }, context) => {
    if (mode === 'system' && forwarders.length > 0)
      context.addIssue({ code: 'custom', path: ['forwarders'], message: 'it is for mode = "validating"' });
  })
  .prefault({});

export type ResolverConfiguration = z.output<typeof resolver>;
