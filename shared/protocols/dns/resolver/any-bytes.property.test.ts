import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Prng } from '../../../simulation/prng.ts';
import { seededSigningKey } from '../../../simulation/signing-key.ts';
import { ALGORITHM } from '../dnssec/dnskey.ts';
import { TYPE } from '../message.ts';
import { Asker } from './testing/asker.ts';
import { household } from './testing/household.ts';
import { ADDRESSES, told } from './testing/told.ts';

const prng = new Prng('any bytes');
const internet = household(() => seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: true }));

/** Bytes that are changed: where (modulo the length), and to what. */
const change = fc.record({ at: fc.nat(4_095), to: fc.nat(255) });
const spoilt = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 6 }),
  /** Every how-manieth answer. */
  every: fc.integer({ min: 1, max: 4 }),
  isCut: fc.boolean(),
});

describe('whatever comes', () => {
  it('the end is an answer, and nothing throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }), noises => {
        const asker = new Asker(internet);
        // With the right id and question, so that what follows is looked at.
        asker.wire = ({ bytes }) =>
          noises.map(noise =>
            Uint8Array.of(...bytes.subarray(0, 2), 0x84, 0, ...bytes.subarray(4, 6), ...noise),
          );
        expect(asker.ask('www.nsec.test', TYPE.A).kind).not.toBe('answered');
      }),
      { numRuns: 60 },
    );
  });

  it.each(['nsec.test', 'nsec3.test'])(
    'who changes answers on their way never makes a false one secure in %s',
    zone => {
      fc.assert(
        fc.property(spoilt, fc.constantFrom(...ADDRESSES), ({ changes, every, isCut }, [name, right]) => {
          const asker = new Asker(internet);
          const { wire } = asker;
          let count = 0;
          asker.wire = query =>
            wire(query).map(reply => {
              if (count++ % every !== 0) return reply;
              const changed = Uint8Array.from(reply);
              for (const { at, to } of changes) changed[12 + (at % (changed.length - 12))] = to;
              return isCut ? changed.subarray(0, changed.length - ((changes[0]?.at ?? 0) % 20)) : changed;
            });
          const answer = told(asker.ask(`${name}.${zone}`, TYPE.A));
          if (answer.endsWith(', secure')) expect(answer).toBe(`${right}, secure`);
          else expect(answer).toMatch(/^(failed|timed-out)/);
        }),
        { numRuns: 60 },
      );
    },
  );
});
