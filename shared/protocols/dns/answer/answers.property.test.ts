import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileDirectory } from '../compiled/compile-directory.ts';
import { compileZone } from '../compiled/compile-zone.ts';
import { RCODE } from '../message.ts';
import { formatName, isAtOrBelow, type Name } from '../name.ts';
import { ask, askByStream, show, type Shown } from './testing/ask.ts';
import { APEX, askedName, askedType, randomZone } from './testing/random-zone.ts';
import { referenceAnswer } from './testing/reference-answer.ts';

it('answers random questions of random zones as RFC 1034 §4.3.2 does', () => {
  fc.assert(
    fc.property(
      randomZone,
      fc.array(fc.tuple(askedName, askedType), { minLength: 1, maxLength: 10 }),
      (zone, questions) => {
        const shared = compileDirectory([compileZone(zone)]);
        for (const [name, type] of questions) {
          const full = show(askByStream(shared, { name, type, edns: {} }));
          if (!isAtOrBelow(name, APEX)) expect(full.rcode).toBe(RCODE.REFUSED);
          else expect(label(name, type, full)).toEqual(label(name, type, referenceAnswer(zone, name, type)));
          expectPart(show(ask(shared, { name, type, edns: { payloadBytes: 512 } })), full);
        }
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

function label(name: Name, type: number, shown: Shown): Shown & { readonly question: string } {
  return { question: `${formatName(name)} ${type}`, ...shown };
}

/** RFC 2181 §9: without TC an answer is whole, but for additional records. */
function expectPart(part: Shown, full: Shown): void {
  const { additionals, ...rest } = part;
  expect(full.additionals).toEqual(expect.arrayContaining([...additionals]));
  if (!part.truncated) expect(full).toMatchObject(rest);
  expect(full.answers).toEqual(expect.arrayContaining([...part.answers]));
  expect(full.authorities).toEqual(expect.arrayContaining([...part.authorities]));
}
