import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../base/bytes.ts';
import { decodeLatin1 } from '../http/characters.ts';
import { KnownHeads } from './known-heads.ts';
import { RequestStream } from './request-stream.ts';

const LIMITS = { headerBytes: 4_096, headerFields: 20 };

function headOf(target: string, ...fields: readonly string[]): Uint8Array {
  return encodeUtf8([`GET ${target} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n'));
}

/** The heads that several connections read, one after another. */
function read(heads: readonly Uint8Array[], knownHeads?: KnownHeads) {
  return heads.map(bytes => {
    const stream = new RequestStream(LIMITS, decodeLatin1, knownHeads);
    const at = stream.read(bytes, 0, bytes.length);
    return { at, reading: stream.reading, head: stream.head, isRepeated: stream.isRepeated };
  });
}

describe('heads that came before', () => {
  it('are the same request from the third time on', () => {
    const [, second, third] = read([headOf('/a'), headOf('/a'), headOf('/a')], new KnownHeads());
    expect(second?.isRepeated).toBe(false);
    expect(third?.isRepeated).toBe(true);
    expect(third?.head).toBe(second?.head);
  });

  it('differ where one byte differs, wherever it stands', () => {
    const known = new KnownHeads();
    const head = headOf('/index.html', `User-Agent: ${'x'.repeat(200)}`);
    expect(read([head, head, head], known)[2]?.isRepeated).toBe(true);
    for (let index = 0; index < head.length; index++) {
      const other = head.slice();
      other[index] = (other[index] as number) ^ 1;
      expect(read([other], known)[0]?.isRepeated).toBe(false);
    }
  });

  it('are not kept where they hold what only their sender should know, nor where content follows', () => {
    for (const field of ['Cookie: a=b', 'Authorization: Basic YTpi', 'Content-Length: 1']) {
      const head = headOf('/', field);
      const results = read([head, head, head], new KnownHeads());
      expect(results.map(({ isRepeated }) => isRepeated)).toEqual([false, false, false]);
    }
  });

  it('are read as they are without them', () => {
    const target = fc.constantFrom('/', '/a', '/b', '/a b', `/${'c'.repeat(1_000)}`);
    const field = fc.constantFrom('Accept: */*', 'Cookie: a', 'Content-Length: 3', 'Bad Field: x', 'Host: b');
    const head = fc.tuple(target, fc.array(field, { maxLength: 3 })).map(([to, all]) => headOf(to, ...all));
    fc.assert(
      fc.property(fc.array(head, { maxLength: 20 }), heads => {
        const plain = read(heads).map(({ at, reading, head: found }) => ({ at, reading, found }));
        const known = read(heads, new KnownHeads());
        expect(known.map(({ at, reading, head: found }) => ({ at, reading, found }))).toEqual(plain);
      }),
    );
  });
});
