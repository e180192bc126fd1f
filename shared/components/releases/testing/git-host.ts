import { deflateSync } from 'node:zlib';
import { concatBytes, encodeUtf8, viewOf } from '../../../base/bytes.ts';
import type { DeviceError } from '../../../devices/device-error.ts';
import type { Http } from '../../../devices/http.ts';
import { objectId } from '../../../protocols/git/objects.ts';
import { encodePackets } from '../../../protocols/git/pkt-line.ts';

/** A git host in memory: one repository whose one branch is whatever was committed last. */
export interface GitHost {
  readonly http: Http;
  commit(files: Readonly<Record<string, string>>): void;
  /** Every request fails with this. */
  fail(error: DeviceError | undefined): void;
  /** Commits can be looked for and not fetched. */
  failFetches(error: DeviceError): void;
  /** Commits given out. */
  readonly fetched: readonly string[];
  /** Times that the branch was asked for. */
  readonly looks: number;
}

export function createGitHost(): GitHost {
  let head = '';
  let pack: Uint8Array = new Uint8Array();
  let failure: DeviceError | undefined;
  let fetchFailure: DeviceError | undefined;
  const fetched: string[] = [];
  let looks = 0;
  const advertisement = encodePackets(['version 2', 'ls-refs', 'fetch=shallow', 'flush']);
  const answer = (method: string, body: string): Uint8Array => {
    if (method === 'GET') return advertisement;
    if (body.includes('command=ls-refs'))
      return encodePackets([`${head} HEAD symref-target:refs/heads/main`, 'flush']);
    fetched.push(head);
    if (fetchFailure !== undefined) throw fetchFailure;
    return concatBytes([encodePackets(['packfile']), ...bands(pack), encodePackets(['flush'])]);
  };
  return {
    fetched,
    get looks() {
      return looks;
    },
    fail: error => void (failure = error),
    failFetches: error => void (fetchFailure = error),
    commit(files) {
      ({ head, pack } = packOf(files));
    },
    http: {
      async request({ method, body }) {
        if (method === 'GET') looks++;
        if (failure !== undefined) throw failure;
        const bytes = answer(method, Buffer.from(body ?? []).toString());
        return { status: 200, headers: {}, body: Uint8Array.from(bytes) };
      },
    },
  };
}

/** gitprotocol-common: a packet carries at most 65,516 bytes. */
function bands(pack: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let start = 0; start < pack.length; start += 65_515) {
    const part = pack.subarray(start, start + 65_515);
    packets.push(encodeUtf8((part.length + 5).toString(16).padStart(4, '0')), Uint8Array.of(1), part);
  }
  return packets;
}

/** A commit of these files, all at the top, as one pack. */
export function packOf(files: Readonly<Record<string, string>>): {
  readonly head: string;
  readonly pack: Uint8Array;
} {
  const blobs = Object.entries(files).map(([name, text]) => ({ name, content: encodeUtf8(text) }));
  const tree = concatBytes(
    blobs.flatMap(({ name, content }) => [
      encodeUtf8(`100644 ${name}\0`),
      Uint8Array.fromHex(objectId('blob', content)),
    ]),
  );
  const commit = encodeUtf8(`tree ${objectId('tree', tree)}\n\nchange\n`);
  const header = new Uint8Array(8);
  viewOf(header).setUint32(0, 2);
  viewOf(header).setUint32(4, blobs.length + 2);
  const entries = [entryOf(1, commit), entryOf(2, tree), ...blobs.map(({ content }) => entryOf(3, content))];
  const pack = concatBytes([encodeUtf8('PACK'), header, ...entries.flat(), new Uint8Array(20)]);
  return { head: objectId('commit', commit), pack };
}

/** gitformat-pack: kind and size in a number of variable length, then the deflated content. */
function entryOf(kind: number, content: Uint8Array): Uint8Array[] {
  const head: number[] = [];
  let rest = Math.floor(content.length / 16);
  let byte = (kind << 4) | (content.length % 16);
  for (; rest > 0; rest = Math.floor(rest / 128)) {
    head.push(byte | 0x80);
    byte = rest % 128;
  }
  return [Uint8Array.of(...head, byte), deflateSync(content)];
}
