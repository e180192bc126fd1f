import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage, headerFlags } from '../../../shared/protocols/dns/encode-message.ts';
import {
  CLASS_IN,
  decodeMessage,
  FLAG,
  OPCODE,
  RCODE,
  TYPE,
  type Message,
} from '../../../shared/protocols/dns/message.ts';
import { parseName } from '../../../shared/protocols/dns/name.ts';
import { decodeTsigData } from '../../../shared/protocols/dns/tsig-record.ts';
import { signMessage } from '../../../shared/protocols/dns/tsig.ts';
import { refuse } from './refuse.ts';

const NOW_MS = 1_795_000_000_000;

function nameOf(text: string) {
  const name = parseName(text);
  if (!name.ok) throw new Error(name.error);
  return name.value;
}

function request(opcode: number, type: number): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    id: 77,
    flags: headerFlags(opcode, FLAG.RD),
    questions: [{ name: nameOf('example'), type, class: CLASS_IN }],
    additionals: [{ name: [], type: TYPE.OPT, class: 4_096, ttlSeconds: 0, data: new Uint8Array() }],
  });
}

function refused(bytes: Uint8Array): Message {
  const answer = decodeMessage(refuse(bytes, NOW_MS) ?? new Uint8Array());
  if (!answer.ok) throw new Error(answer.error);
  return answer.value;
}

describe('refuse()', () => {
  it.each([
    ['a transfer', OPCODE.QUERY, TYPE.AXFR],
    ['an update', OPCODE.UPDATE, TYPE.SOA],
    ['a notification', OPCODE.NOTIFY, TYPE.SOA],
  ])('%s with REFUSED, its own opcode, its question and an OPT record', (_what, opcode, type) => {
    const answer = refused(request(opcode, type));
    expect(answer).toMatchObject({ id: 77, rcode: RCODE.REFUSED });
    expect(answer.flags).toBe(headerFlags(opcode, FLAG.QR | FLAG.RD) | RCODE.REFUSED);
    expect(answer.questions).toMatchObject([{ type }]);
    expect(answer.additionals.map(record => record.type)).toEqual([TYPE.OPT]);
  });

  it('what is signed by a key that nobody knows with BADKEY (RFC 8945 §5.2.1)', () => {
    const key = { name: nameOf('key'), algorithm: 'hmac-sha256', secret: new Uint8Array(32) } as const;
    const { bytes } = signMessage(request(OPCODE.QUERY, TYPE.SOA), key, NOW_MS);
    const answer = refused(bytes);
    expect(answer.rcode).toBe(RCODE.NOTAUTH);
    const tsig = answer.additionals.at(-1)!;
    expect(tsig.type).toBe(TYPE.TSIG);
    const data = decodeTsigData(answer.bytes, tsig);
    expect(data).toMatchObject({ error: RCODE.BADKEY, mac: new Uint8Array(), originalId: 77 });
  });

  it('no bytes whatever are its end', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), bytes => void refuse(bytes, NOW_MS)));
  });
});
