import { describe, expect, it } from 'vitest';
import { concatBytes, viewOf } from '../../../base/bytes.ts';
import { Prng } from '../../../simulation/prng.ts';
import { seededSigningKey } from '../../../simulation/signing-key.ts';
import { ALGORITHM } from '../dnssec/dnskey.ts';
import type { SigningKey } from '../dnssec/signing-key.ts';
import { encodeMessage, headerFlags, type RecordToEncode } from '../encode-message.ts';
import { CLASS_IN, decodeMessage, FLAG, OPCODE, RCODE, TYPE, type Message } from '../message.ts';
import { formatName, lowerName, nameInWire } from '../name.ts';
import { name } from '../answer/testing/ask.ts';
import { EDE } from './fault.ts';
import { QUERIES_PER_QUESTION_MAX, SENDS_PER_FETCH_MAX, VERIFICATIONS_PER_QUESTION_MAX } from './limits.ts';
import { Asker, type Send } from './testing/asker.ts';
import { household, servedAt } from './testing/household.ts';
import { Internet } from './testing/internet.ts';
import { told } from './testing/told.ts';

const prng = new Prng('attacks');
const makeKey = (): SigningKey => seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: true });
const internet = household(makeKey);
const EVIL = Uint8Array.of(203, 0, 113, 66);

function read(bytes: Uint8Array): Message {
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.error);
  return message.value;
}

/** An answer to a query as a server without authority for anything could make it up. */
function forge(
  query: Uint8Array,
  parts: {
    answers?: RecordToEncode[];
    authorities?: RecordToEncode[];
    additionals?: RecordToEncode[];
    flags?: number;
    id?: number;
  },
): Uint8Array {
  const { id, questions } = read(query);
  const { flags = FLAG.AA, ...sections } = parts;
  return encodeMessage({ id, questions, flags: headerFlags(OPCODE.QUERY, FLAG.QR | flags), ...sections });
}

function record(owner: string, type: number, data: Uint8Array): RecordToEncode {
  return { name: name(owner), type, class: CLASS_IN, ttlSeconds: 3_600, data };
}

function evilAddress(query: Send): RecordToEncode {
  const [question] = read(query.bytes).questions;
  return { name: question?.name ?? [], type: TYPE.A, class: CLASS_IN, ttlSeconds: 3_600, data: EVIL };
}

/** A resolver of whose queries those that `isHit` are answered by `strike` as well as (behind it) by the server. */
function attacked(
  isHit: (query: Send) => boolean,
  strike: (query: Send, right: Uint8Array | undefined) => Uint8Array[],
): Asker {
  const asker = new Asker(internet);
  const { wire } = asker;
  asker.wire = query => (isHit(query) ? strike(query, wire(query)[0]) : wire(query));
  return asker;
}

function asks(query: Send, text: string, type: number): boolean {
  const [question] = read(query.bytes).questions;
  return question?.type === type && formatName(lowerName(question.name)) === text;
}

const hitsWww = (query: Send): boolean => asks(query, 'www.plain.test', TYPE.A);
const hitsSignedWww = (query: Send): boolean => asks(query, 'www.nsec.test', TYPE.A);

describe('a datagram that does not match', () => {
  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['by its id', bytes => bytes.with(0, (bytes[0] as number) ^ 1)],
    ['as it is no answer', bytes => bytes.with(2, (bytes[2] as number) & 0x7f)],
    ['by its opcode', bytes => bytes.with(2, (bytes[2] as number) | 0x20)],
    ['by its question', bytes => bytes.with(13, (bytes[13] as number) ^ 2)],
    ['as it is none at all', bytes => bytes.subarray(0, 7)],
    [
      'as its question is missing',
      bytes => Uint8Array.of(...bytes.subarray(0, 2), 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ],
  ])('%s is passed over (RFC 5452 §9.1)', (_, spoil) => {
    const asker = attacked(hitsWww, (query, right) => [
      spoil(forge(query.bytes, { answers: [evilAddress(query)] })),
      ...(right === undefined ? [] : [right]),
    ]);
    expect(told(asker.ask('www.plain.test', TYPE.A))).toBe('198.51.100.1, insecure');
    expect(asker.sent.filter(line => line.includes('www.plain.test')).length).toBe(1);
  });

  it('in the case of its letters makes TCP decide', () => {
    const asker = attacked(
      query => query.transport === 'udp' && hitsWww(query),
      query => {
        const forged = forge(query.bytes, { answers: [evilAddress(query)] });
        return [forged.with(13, (forged[13] as number) ^ 0x20)];
      },
    );
    expect(told(asker.ask('www.plain.test', TYPE.A))).toBe('198.51.100.1, insecure');
    expect(asker.sent.at(-1)).toBe('192.0.2.5 tcp www.plain.test A');
  });
});

describe('a server', () => {
  it('that changes the case of letters is asked by UDP again once that is known', () => {
    const asker = attacked(
      query => query.server.host === '192.0.2.5',
      (_, right) => (right === undefined ? [] : [lowerQuestion(right)]),
    );
    asker.ask('www.plain.test', TYPE.A);
    asker.ask('a.empty.plain.test', TYPE.A);
    expect(asker.sent.at(-1)).toBe('192.0.2.5 udp a.empty.plain.test A');
    expect(asker.sent.some(line => line.startsWith('192.0.2.5 tcp'))).toBe(true);
  });

  it('that cuts its answers short is asked by TCP (RFC 7766 §5)', () => {
    const asker = attacked(
      query => query.transport === 'udp',
      query => [forge(query.bytes, { flags: FLAG.AA | FLAG.TC })],
    );
    expect(told(asker.ask('www.nsec3.test', TYPE.A))).toBe('198.51.100.1, secure');
  });

  it('that does not know EDNS is asked without (RFC 6891 §7)', () => {
    const asker = attacked(
      query => query.server.host === '192.0.2.5' && read(query.bytes).additionals.length > 0,
      query => [forge(query.bytes, { flags: RCODE.FORMERR })],
    );
    expect(told(asker.ask('www.plain.test', TYPE.A))).toBe('198.51.100.1, insecure');
  });

  it.each<[string, (query: Send) => Uint8Array[]]>([
    ['is silent', () => []],
    ['refuses', query => [forge(query.bytes, { flags: RCODE.REFUSED })]],
    ['fails', query => [forge(query.bytes, { flags: RCODE.SERVFAIL })]],
    [
      'refers to the root',
      query => [
        forge(query.bytes, { flags: 0, authorities: [record('.', TYPE.NS, nameInWire(name('a.evil')))] }),
      ],
    ],
    [
      'refers to its own zone',
      query => [
        forge(query.bytes, {
          flags: 0,
          authorities: [record('two.test', TYPE.NS, nameInWire(name('ns1.two.test')))],
        }),
      ],
    ],
    ['answers without authority', query => [forge(query.bytes, { flags: 0, answers: [evilAddress(query)] })]],
    ['forges', query => [forge(query.bytes, { answers: [evilAddress(query)] })]],
    ['denies everything', query => [forge(query.bytes, { flags: FLAG.AA | RCODE.NXDOMAIN })]],
  ])('that %s is passed over for another one', (_, strike) => {
    // Whichever is taken first by chance.
    for (const host of ['192.0.2.15', '192.0.2.16']) {
      const asker = attacked(query => query.server.host === host, strike);
      expect(told(asker.ask('www.two.test', TYPE.A))).toBe('198.51.100.1, secure');
      expect(told(asker.ask('absent.two.test', TYPE.A))).toBe('no name, secure');
    }
  });

  it('that is the only one and silent is left alone after some tries', () => {
    const asker = attacked(
      query => query.server.host === '192.0.2.5',
      () => [],
    );
    const resolution = asker.ask('www.plain.test', TYPE.A);
    expect(told(resolution)).toBe(`failed ${EDE.NO_REACHABLE_AUTHORITY}`);
    expect(resolution).toMatchObject({ fault: { text: expect.stringContaining('192.0.2.5') as string } });
    expect(asker.sent.filter(line => line.startsWith('192.0.2.5')).length).toBeLessThanOrEqual(
      SENDS_PER_FETCH_MAX,
    );
  });

  it('that cannot be sent to is as one that is silent', () => {
    const asker = new Asker(internet);
    asker.unreachable.add('192.0.2.15');
    expect(told(asker.ask('www.two.test', TYPE.A))).toBe('198.51.100.1, secure');
  });
});

function lowerQuestion(message: Uint8Array): Uint8Array {
  const { questions } = read(message);
  const wire = nameInWire(lowerName(questions[0]?.name ?? []));
  return concatBytes([message.subarray(0, 12), wire, message.subarray(12 + wire.length)]);
}

describe('lies in an answer', () => {
  it('for a signed zone come to nothing: the other server is asked, or it fails', () => {
    const asker = attacked(hitsSignedWww, query => [forge(query.bytes, { answers: [evilAddress(query)] })]);
    expect(told(asker.ask('www.nsec.test', TYPE.A))).toBe(`failed ${EDE.RRSIGS_MISSING}`);
  });

  it('once are found out, and the server is asked again', () => {
    let strikes = 0;
    const asker = attacked(
      query => hitsSignedWww(query) && strikes++ === 0,
      query => [forge(query.bytes, { answers: [evilAddress(query)] })],
    );
    expect(told(asker.ask('www.nsec.test', TYPE.A))).toBe('198.51.100.1, secure');
  });

  it('about names elsewhere are not kept (RFC 2181 §5.4.1)', () => {
    const asker = attacked(hitsWww, query => [
      forge(query.bytes, {
        answers: [evilAddress(query), record('www.beside.test', TYPE.A, EVIL)],
        authorities: [record('test', TYPE.NS, nameInWire(name('ns.evil')))],
        additionals: [record('ns.beside.test', TYPE.A, EVIL)],
      }),
    ]);
    asker.ask('www.plain.test', TYPE.A);
    expect(told(asker.ask('www.beside.test', TYPE.A))).toBe('198.51.100.1, insecure');
    expect(asker.sent.some(line => line.startsWith('203.0.113.66'))).toBe(false);
  });

  it('as glue for names elsewhere are not used', () => {
    const asker = attacked(
      query => asks(query, 'www.plain.test', TYPE.A),
      query => [
        forge(query.bytes, {
          flags: 0,
          authorities: [record('www.plain.test', TYPE.NS, nameInWire(name('ns.nsec.test')))],
          additionals: [record('ns.nsec.test', TYPE.A, EVIL)],
        }),
      ],
    );
    asker.ask('www.plain.test', TYPE.A);
    expect(asker.sent.some(line => line.startsWith('203.0.113.66'))).toBe(false);
  });
});

describe('work that others would have us do', () => {
  it('is bounded where a zone names many servers without addresses (CVE-2020-8616)', () => {
    const asker = attacked(
      query => query.server.host === '192.0.2.5',
      query => [
        forge(query.bytes, {
          flags: 0,
          authorities: Array.from({ length: 100 }, (_, at) =>
            record('www.plain.test', TYPE.NS, nameInWire(name(`victim${at}.beside.test`))),
          ),
        }),
      ],
    );
    expect(told(asker.ask('www.plain.test', TYPE.A))).toMatch(/^failed/);
    expect(asker.sent.filter(line => line.includes('victim')).length).toBeLessThanOrEqual(6 * 2);
  });

  it('is bounded where delegations lead on and on', () => {
    const asker = attacked(
      query => query.server.host === '192.0.2.5',
      query => {
        const [question] = read(query.bytes).questions;
        const owner = formatName(question?.name ?? []);
        return [
          forge(query.bytes, {
            flags: 0,
            authorities: [0, 1].map(at =>
              record(owner, TYPE.NS, nameInWire(name(`ns${at}.${owner.slice(0, 60)}.a.plain.test`))),
            ),
          }),
        ];
      },
    );
    expect(told(asker.ask(`${'a.'.repeat(30)}plain.test`, TYPE.A))).toMatch(/^(failed|timed-out)/);
    expect(asker.sent.length).toBeLessThanOrEqual(2 * QUERIES_PER_QUESTION_MAX);
  });

  it('is bounded where many signatures do not hold (CVE-2023-50387)', () => {
    const trapped = new Internet(makeKey)
      .zone('.', '', { denial: 'nsec', ...servedAt('root-servers', '192.0.2.1') })
      .zone('trap', 'www A 198.51.100.1', {
        denial: 'nsec',
        ...servedAt('trap', '192.0.2.2'),
        spoil: zone => ({
          ...zone,
          rrsets: [...zone.rrsets].map(rrset =>
            rrset.type === TYPE.A ? { ...rrset, signatures: manySignatures(rrset.signatures) } : rrset,
          ),
        }),
      })
      .open();
    const asker = new Asker(trapped);
    const resolution = asker.ask('www.trap', TYPE.A);
    expect(resolution).toMatchObject({
      kind: 'failed',
      fault: { text: expect.stringContaining('too many') as string },
    });
    expect(asker.verifications).toBeLessThan(VERIFICATIONS_PER_QUESTION_MAX / 2);
  });
});

/** None of them right, all by the zone's one key. */
function manySignatures([right]: readonly Uint8Array[]): Uint8Array[] {
  if (right === undefined) return [];
  return Array.from({ length: 100 }, (_, at) => {
    const wrong = Uint8Array.from(right);
    viewOf(wrong).setUint16(wrong.length - 2, viewOf(right).getUint16(right.length - 2) ^ (at + 1));
    return wrong;
  });
}
