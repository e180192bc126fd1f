import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compileDirectory } from '../compiled/compile-directory.ts';
import { compileZone } from '../compiled/compile-zone.ts';
import { flattenSignatures, type SignedZone } from '../dnssec/signed-zone.ts';
import { signZone } from '../dnssec/sign-zone.ts';
import type { SigningKey } from '../dnssec/signing-key.ts';
import { RCODE, TYPE, type Message } from '../message.ts';
import { formatName, isAtOrBelow, type Name } from '../name.ts';
import type { Zone } from '../rrset.ts';
import { signOnline } from '../dnssec/compact-denial.ts';
import { createStreamResponder } from './stream-responder.ts';
import { askByStream, show, type Shown } from './testing/ask.ts';
import { checkProofs } from './testing/check-proofs.ts';
import { APEX, askedName, askedType, randomZone } from './testing/random-zone.ts';
import { referenceAnswer } from './testing/reference-answer.ts';

/** Signs by hashing: quick, and the same each time; whether signatures verify is told elsewhere. */
const key: SigningKey = {
  dnskey: { flags: 257, protocol: 3, algorithm: 13, publicKey: new Uint8Array(64).fill(1) },
  keyTag: 1,
  sign: data => createHash('sha512').update(data).digest(),
};

function sign(zone: Zone, denial: 'nsec' | 'nsec3' | 'compact'): SignedZone {
  return signZone(
    zone,
    { ksk: [key], zsk: [key] },
    {
      inceptionSeconds: 1_000,
      expirationSeconds: () => 2_000,
      renewBeforeSeconds: 0,
      denial,
      dnskeyTtlSeconds: 3_600,
      zonemd: false,
    },
  );
}

describe('a zone signed with compact denial (RFC 9824)', () => {
  const validity = { inceptionSeconds: 1_000, expirationSeconds: 2_000 };

  it('shows that a name has no data in place of that it is not there, and else answers as it does unsigned', () => {
    fc.assert(
      fc.property(
        randomZone,
        fc.array(fc.tuple(askedName, askedType), { minLength: 1, maxLength: 10 }),
        (zone, questions) => {
          const shared = compileDirectory([compileZone(sign(zone, 'compact'))]);
          const respond = createStreamResponder({
            sign: (apex, rrset) => signOnline(rrset, { apex, zsk: [key], validity }),
          });
          for (const [name, type] of questions) {
            if (!isAtOrBelow(name, APEX)) continue;
            const message = askByStream(shared, { name, type, edns: { dnssecOk: true } }, respond);
            const question = `${formatName(name)} ${type}`;
            const reference = withoutSecurity(referenceAnswer(zone, name, type), type);
            expect({ question, ...withoutSecurity(show(message), type) }).toEqual({
              question,
              ...reference,
              rcode: reference.rcode === RCODE.NXDOMAIN ? RCODE.NOERROR : reference.rcode,
            });
            expect(() => checkProofs(message, APEX, undefined), question).not.toThrow();
            expect(namesDenied(message).length, question).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);
});

/** One NSEC is all that a negative answer has (RFC 9824 §1). */
function namesDenied(message: Message): Name[] {
  return message.authorities.filter(({ type }) => type === TYPE.NSEC).map(({ name }) => name);
}

const SECURITY_TYPES: readonly number[] = [TYPE.DS, TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3];

describe.each(['nsec', 'nsec3'] as const)('a zone signed with %s', denial => {
  it('proves what is not there, and answers as it does unsigned', () => {
    fc.assert(
      fc.property(
        randomZone,
        fc.array(fc.tuple(askedName, askedType), { minLength: 1, maxLength: 10 }),
        fc.boolean(),
        (zone, questions, isTransferred) => {
          const signed = sign(zone, denial);
          const shared = compileDirectory([compileZone(isTransferred ? flattenSignatures(signed) : signed)]);
          const hash = denial === 'nsec3' ? { iterations: 0, salt: new Uint8Array() } : undefined;
          for (const [name, type] of questions) {
            if (!isAtOrBelow(name, APEX)) continue;
            const message = askByStream(shared, { name, type, edns: { dnssecOk: true } });
            const question = `${formatName(name)} ${type}`;
            expect({ question, ...withoutSecurity(show(message), type) }).toEqual({
              question,
              ...withoutSecurity(referenceAnswer(zone, name, type), type),
            });
            expect(() => checkProofs(message, APEX, hash), question).not.toThrow();
          }
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);
});

/** The message without the records that DO asks for; an answer of that very type stays. */
function withoutSecurity(shown: Shown, asked: number): Shown {
  const isPlain = (record: string): boolean => !SECURITY_TYPES.includes(Number(record.split(' ')[2]));
  return {
    ...shown,
    answers: shown.answers.filter(record => isPlain(record) || record.split(' ')[2] === String(asked)),
    authorities: shown.authorities.filter(isPlain),
    additionals: shown.additionals.filter(isPlain),
  };
}
