import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8, formatHex } from '../../base/bytes.ts';
import { encodeMessage } from './encode-message.ts';
import { CLASS_IN, CLASS_NONE, decodeMessage, FLAG, TYPE, type Message } from './message.ts';
import { nameBytes, parseName, type Name } from './name.ts';
import { addRecord, deleteRecord, encodeTxtData, encodeUpdate } from './update.ts';

function named(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function decoded(bytes: Uint8Array): Message {
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.error);
  return message.value;
}

const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
const name: fc.Arbitrary<Name> = fc.array(label, { maxLength: 4 }).filter(labels => nameBytes(labels) <= 255);
const record = fc.record({
  name,
  type: fc.nat(0xffff).filter(type => type !== TYPE.OPT),
  class: fc.nat(0xffff),
  ttlSeconds: fc.nat(0xffff_ffff),
  data: fc.uint8Array({ maxLength: 40 }),
});
const section = fc.array(record, { maxLength: 4 });

describe('a message to be sent', () => {
  it('comes back from its wire form, however its names share their ends', () => {
    const shared = fc
      .tuple(section, section, section, name)
      .map(([answers, authorities, additionals, end]) => ({
        id: 7,
        flags: FLAG.QR,
        questions: [{ name: end, type: TYPE.SOA, class: CLASS_IN }],
        answers: answers.map(one => ({ ...one, name: [...one.name.slice(0, 1), ...end].slice(0, 4) })),
        authorities,
        additionals,
      }));
    fc.assert(
      fc.property(shared, message => {
        fc.pre(message.answers.every(answer => nameBytes(answer.name) <= 255));
        const { bytes, questions, ...back } = decoded(encodeMessage(message));
        expect(questions).toEqual(message.questions);
        for (const part of ['answers', 'authorities', 'additionals'] as const)
          expect(
            back[part].map(({ dataStart, dataEnd, ...one }) => ({
              ...one,
              data: bytes.slice(dataStart, dataEnd),
            })),
          ).toEqual(message[part]);
      }),
    );
  });

  it('has each name once: RFC 1035 §4.1.4', () => {
    const zone = named('lares.test');
    const owners = ['a.lares.test', 'b.a.lares.test', 'a.lares.test'].map(named);
    const bytes = encodeMessage({
      id: 1,
      flags: 0,
      questions: [{ name: zone, type: TYPE.SOA, class: CLASS_IN }],
      answers: owners.map(owner => ({
        name: owner,
        type: TYPE.TXT,
        class: 1,
        ttlSeconds: 0,
        data: new Uint8Array(),
      })),
    });
    const fixed = '00100001000000000000';
    expect(formatHex(bytes.subarray(28))).toBe(`0161c00c${fixed}0162c01c${fixed}c01c${fixed}`);
  });

  it('points nowhere beyond the 14 bits of a pointer', () => {
    const far = { name: named('far.test'), type: TYPE.TXT, class: 1, ttlSeconds: 0 };
    const filler = { ...far, name: [], data: new Uint8Array(0x4000) };
    const answers = [filler, { ...far, data: new Uint8Array() }, { ...far, data: new Uint8Array() }];
    const message = decoded(encodeMessage({ id: 1, flags: 0, questions: [], answers }));
    expect(message.answers.map(one => one.name)).toEqual([[], far.name, far.name]);
  });
});

describe('an update (RFC 2136 §2)', () => {
  const owner = named('_acme-challenge.lares.test');
  const text = { name: owner, type: TYPE.TXT, data: encodeTxtData(encodeUtf8('value')) };

  it('names its zone by an SOA question and puts changes in their order', () => {
    const bytes = encodeUpdate({
      id: 0x1234,
      zone: named('lares.test'),
      updates: [addRecord(text, 60), deleteRecord(text)],
    });
    const message = decoded(bytes);
    expect(message.flags).toBe(0x2800);
    expect(message.questions).toEqual([{ name: named('lares.test'), type: TYPE.SOA, class: CLASS_IN }]);
    const shape = (one: Message['answers'][number]): number[] => [
      one.type,
      one.class,
      one.ttlSeconds,
      one.dataEnd - one.dataStart,
    ];
    // RFC 2136 §2: the second section is for conditions, of which there are none.
    expect(message.answers).toEqual([]);
    expect(message.authorities.map(shape)).toEqual([
      [TYPE.TXT, CLASS_IN, 60, 6],
      [TYPE.TXT, CLASS_NONE, 0, 6],
    ]);
  });

  it('splits a long text at 255 bytes and gives an empty one a length', () => {
    expect(encodeTxtData(new Uint8Array(256)).length).toBe(258);
    expect(encodeTxtData(new Uint8Array(255)).length).toBe(256);
    expect(encodeTxtData(new Uint8Array())).toEqual(Uint8Array.of(0));
  });
});
