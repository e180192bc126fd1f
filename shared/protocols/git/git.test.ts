import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import { applyDelta, decodeDeltaSizes } from './delta.ts';
import { decodeTree, objectId, treeOfCommit } from './objects.ts';
import { decodePackets, encodePackets, textOf } from './pkt-line.ts';
import { checkAdvertisement, decodeRefs, encodeFetch, encodeListRefs, takePack } from './upload-pack.ts';

const ID = '95d09f2b10159347eece71399a7e2e907ea3df4f';

describe('packets', () => {
  // gitprotocol-common "pkt-line Format": its own examples.
  it.each([
    ['a', '0006a\n'],
    ['foobar', '000bfoobar\n'],
    ['flush', '0000'],
    ['delimiter', '0001'],
  ])('%j is %j', (packet, wire) => {
    expect(decodeUtf8(encodePackets([packet]))).toBe(wire);
    const decoded = decodePackets(encodeUtf8(wire));
    expect(decoded.ok && decoded.value.map(each => (typeof each === 'string' ? each : textOf(each)))).toEqual(
      [packet],
    );
  });

  it.each(['0', '000', 'zzzz', '0003', '0002', '0007ab', '-001', '+0x1'])('%j is malformed', wire => {
    expect(decodePackets(encodeUtf8(wire)).ok).toBe(false);
  });

  it('of any bytes do not throw, in any answer', () => {
    const framed = fc
      .array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 })
      .map(parts =>
        concatBytes(
          parts.flatMap(part => [encodeUtf8((part.length + 4).toString(16).padStart(4, '0')), part]),
        ),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), framed), bytes => {
        checkAdvertisement(bytes);
        decodeRefs(bytes);
        takePack(bytes);
      }),
    );
  });
});

describe('the advertisement', () => {
  const lines = ['# service=git-upload-pack', 'flush', 'version 2', 'agent=git/2.39.5', 'ls-refs=unborn'];
  it.each([
    [
      'what Debian’s git says',
      [...lines, 'fetch=shallow wait-for-done', 'object-format=sha1', 'flush'],
      undefined,
    ],
    ['version 1', ['# service=git-upload-pack', 'flush', `${ID} HEAD`, 'flush'], 'no git repository'],
    ['no shallow', [...lines, 'fetch=filter', 'flush'], 'cannot give one commit alone'],
    ['SHA-256', [...lines, 'fetch=shallow', 'object-format=sha256', 'flush'], 'SHA-256'],
  ])('%s', (_, packets, fault) => {
    const checked = checkAdvertisement(encodePackets(packets));
    expect(checked.ok ? undefined : checked.error).toEqual(fault && expect.stringContaining(fault));
  });

  it('of a web page is none', () => {
    expect(checkAdvertisement(encodeUtf8('<!doctype html>')).ok).toBe(false);
  });
});

describe('ls-refs', () => {
  it('asks for a branch or HEAD', () => {
    expect(decodeUtf8(encodeListRefs('main'))).toContain('001fref-prefix refs/heads/main\n0000');
    expect(decodeUtf8(encodeListRefs(undefined))).toContain('0014ref-prefix HEAD\n0000');
  });

  it('is answered by names and what symbolic ones point to', () => {
    const answer = [`${ID} HEAD symref-target:refs/heads/main`, `${ID} refs/heads/main`, 'flush'];
    expect(decodeRefs(encodePackets(answer))).toEqual({
      ok: true,
      value: [
        { id: ID, name: 'HEAD', target: 'refs/heads/main' },
        { id: ID, name: 'refs/heads/main' },
      ],
    });
    expect(decodeRefs(encodePackets(['ERR access denied']))).toEqual({
      ok: false,
      error: 'the git server says: access denied',
    });
  });
});

describe('fetch', () => {
  const band = (number: number, payload: string): Uint8Array => {
    const length = (payload.length + 5).toString(16).padStart(4, '0');
    return concatBytes([encodeUtf8(length), Uint8Array.of(number), encodeUtf8(payload)]);
  };
  const answer = (...bands: Uint8Array[]): Uint8Array =>
    concatBytes([encodePackets(['shallow-info', `shallow ${ID}`, 'delimiter', 'packfile']), ...bands]);

  it('asks for one commit', () => {
    expect(decodeUtf8(encodeFetch(ID))).toBe(
      `0012command=fetch\n00010010no-progress\n000eofs-delta\n000ddeepen 1\n0032want ${ID}\n0009done\n0000`,
    );
  });

  it('puts the pack together from its bands', () => {
    const taken = takePack(answer(band(1, 'PA'), band(2, 'Counting'), band(1, 'CK'), encodeUtf8('0000')));
    expect(taken.ok && decodeUtf8(taken.value)).toBe('PACK');
  });

  it('tells the error of the server, and an answer that was cut off', () => {
    expect(takePack(answer(band(1, 'PA'), band(3, 'out of memory\n')))).toEqual({
      ok: false,
      error: 'the git server says: out of memory',
    });
    expect(takePack(answer(band(1, 'PA'))).ok).toBe(false);
    expect(takePack(encodePackets(['ERR upload-pack: not our ref']))).toMatchObject({
      error: 'the git server says: upload-pack: not our ref',
    });
  });
});

describe('a delta', () => {
  const base = encodeUtf8('hello old world');
  const bytes = (...parts: (number | string)[]): Uint8Array =>
    concatBytes(parts.map(part => (typeof part === 'string' ? encodeUtf8(part) : Uint8Array.of(part))));

  it('copies and adds', () => {
    const delta = bytes(15, 15, 0x90, 6, 3, 'new', 0x91, 9, 6);
    expect(decodeDeltaSizes(delta)).toEqual({ baseBytes: 15, resultBytes: 15, start: 2 });
    expect(decodeUtf8(applyDelta(base, delta) ?? new Uint8Array())).toBe('hello new world');
  });

  it('of size 0 copies 64 KiB', () => {
    const large = new Uint8Array(70_000).fill(7);
    const delta = bytes(0xf0, 0xa2, 4, 0x80, 0x80, 4, 0x80);
    expect(applyDelta(large, delta)).toEqual(large.subarray(0, 65_536));
  });

  it.each([
    ['for another base', bytes(14, 3, 3, 'new')],
    ['that copies from behind the end', bytes(15, 6, 0x91, 10, 6)],
    ['that makes more than it says', bytes(15, 2, 3, 'new')],
    ['that makes less than it says', bytes(15, 9, 3, 'new')],
    ['with the reserved instruction', bytes(15, 3, 0, 3, 'new')],
    ['that was cut off', bytes(15, 3, 3, 'ne')],
  ])('%s makes nothing', (_, delta) => {
    expect(applyDelta(base, delta)).toBeUndefined();
  });

  it('of any bytes does not throw', () => {
    const small = fc
      .uint8Array({ minLength: 2, maxLength: 30 })
      .map(delta => Uint8Array.of(15, 90, ...delta));
    fc.assert(fc.property(small, delta => void applyDelta(base, delta)));
  });
});

describe('objects', () => {
  it('are named as git names them', () => {
    expect(objectId('blob', encodeUtf8('what is up, doc?'))).toBe('bd9dbf5aae1a3862dd1526723246b20206e5fc37');
    expect(objectId('tree', new Uint8Array())).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  });

  it('lead from commit to tree to files', () => {
    expect(treeOfCommit(encodeUtf8(`tree ${ID}\nparent ${ID}\n`))).toBe(ID);
    expect(treeOfCommit(encodeUtf8('object x'))).toBeUndefined();
    const id = new Uint8Array(20).fill(0xab);
    const entry = (head: string): Uint8Array => concatBytes([encodeUtf8(`${head}\0`), id]);
    const tree = concatBytes([entry('100644 a b'), entry('40000 f'), entry('120000 l'), entry('160000 s')]);
    const hex = 'ab'.repeat(20);
    expect(decodeTree(tree)).toEqual([
      { kind: 'file', name: 'a b', id: hex },
      { kind: 'folder', name: 'f', id: hex },
      { kind: 'link', name: 'l', id: hex },
      { kind: 'submodule', name: 's', id: hex },
    ]);
    expect(decodeTree(tree.subarray(0, -1))).toBeUndefined();
  });

  it('of any bytes do not throw', () => {
    fc.assert(fc.property(fc.uint8Array(), bytes => void decodeTree(bytes)));
  });
});
