import * as z from 'zod';

/** The keys of a zone's table that say how its signing keys are rolled. */
export const zoneKeysConfiguration = {
  keys: z
    .enum(['csk', 'ksk-zsk'])
    .default('csk')
    .meta({
      description:
        'one key for all (CSK), or one that signs keys and stands at the parent (KSK) and one for the rest (ZSK), which rolls without the parent',
      examples: ['csk'],
    }),
  parent: z
    .enum(['by-hand', 'reads-cds'])
    .default('by-hand')
    .meta({
      description:
        'how the DS records at the parent are changed: by you at the registrar, so that CSK and KSK are rolled on request alone, or by the parent, which reads CDS records',
      examples: ['by-hand'],
    }),
  'zsk-days': z
    .int()
    .min(14)
    .max(3_650)
    .default(90)
    .meta({ description: 'days after which a ZSK is rolled', examples: [90] }),
  'ksk-days': z
    .int()
    .min(30)
    .max(3_650)
    .default(365)
    .meta({
      description: 'days after which a CSK or KSK is rolled where the parent reads CDS',
      examples: [365],
    }),
};
