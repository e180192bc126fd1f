import { decodeUtf8 } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { decodePackets, encodePackets, textOf, type Packet } from './pkt-line.ts';

/**
 * The client's side of git's smart HTTP in version 2 (gitprotocol-http, gitprotocol-v2), as far as reading one commit without
 * its history goes.
 */
export interface RemoteRef {
  /** Forty lower-case hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** What a symbolic ref (HEAD) points to. */
  readonly target?: string;
}

/** In words: the remote is no git repository, or one that cannot do this. */
export type RemoteFault = string;

/** gitprotocol-http "Discovering References": both lie below the repository's URL. */
export const INFO_REFS = '/info/refs?service=git-upload-pack';
export const UPLOAD_PACK = '/git-upload-pack';
/** gitprotocol-http "Smart Service git-upload-pack". */
export const REQUEST_TYPE = 'application/x-git-upload-pack-request';
export const PROTOCOL_FIELD: readonly [name: string, value: string] = ['git-protocol', 'version=2'];

const NOT_GIT = 'what answers there is no git repository (smart HTTP, version 2)';

/** gitprotocol-v2 "Capability Advertisement". */
export function checkAdvertisement(bytes: Uint8Array): Result<undefined, RemoteFault> {
  const packets = decodePackets(bytes);
  if (!packets.ok) return err(NOT_GIT);
  const lines = packets.value.map(textOf).filter(line => line !== '' && !line.startsWith('# service='));
  if (lines[0] !== 'version 2') return err(NOT_GIT);
  const fetch = lines.find(line => line === 'fetch' || line.startsWith('fetch='));
  if (fetch?.split(/[= ]/).includes('shallow') !== true)
    return err('the git server cannot give one commit alone');
  const format = lines.find(line => line.startsWith('object-format='));
  return format === undefined || format === 'object-format=sha1'
    ? ok(undefined)
    : err('the repository names its objects by SHA-256, which is not supported');
}

/** gitprotocol-v2 "ls-refs": the branch, or whatever HEAD points to. */
export function encodeListRefs(branch: string | undefined): Uint8Array<ArrayBuffer> {
  const prefix = branch === undefined ? 'HEAD' : `refs/heads/${branch}`;
  return encodePackets(['command=ls-refs', 'delimiter', 'symrefs', `ref-prefix ${prefix}`, 'flush']);
}

export function decodeRefs(bytes: Uint8Array): Result<RemoteRef[], RemoteFault> {
  const packets = decodePackets(bytes);
  if (!packets.ok) return err(NOT_GIT);
  const refs: RemoteRef[] = [];
  for (const packet of packets.value) {
    if (packet === 'flush') break;
    const text = textOf(packet);
    if (text.startsWith('ERR ')) return err(`the git server says: ${text.slice(4)}`);
    const [, id, name, attributes] = /^([0-9a-f]{40}) (\S+)(.*)$/.exec(text) ?? [];
    if (id === undefined || name === undefined) return err(NOT_GIT);
    const target = / symref-target:(\S+)/.exec(attributes ?? '')?.[1];
    refs.push({ id, name, ...(target === undefined ? {} : { target }) });
  }
  return ok(refs);
}

/** gitprotocol-v2 "fetch": everything of that commit and nothing before it. */
export function encodeFetch(id: string): Uint8Array<ArrayBuffer> {
  return encodePackets([
    'command=fetch',
    'delimiter',
    'no-progress',
    'ofs-delta',
    'deepen 1',
    `want ${id}`,
    'done',
    'flush',
  ]);
}

/** The pack in a fetch's answer. It is put together in the memory of `bytes`, which is overwritten: a pack is large. */
export function takePack(bytes: Uint8Array): Result<Uint8Array, RemoteFault> {
  const packets = decodePackets(bytes);
  if (!packets.ok) return err('the answer of the git server was cut off');
  const start = packets.value.findIndex(packet => textOf(packet) === 'packfile');
  if (start < 0) {
    const refusal = packets.value.map(textOf).find(line => line.startsWith('ERR '));
    return err(`the git server says: ${refusal?.slice(4) ?? 'nothing of a pack'}`);
  }
  let size = 0;
  for (const packet of packets.value.slice(start + 1)) {
    if (packet === 'flush') return ok(bytes.subarray(0, size));
    const fault = sideBandFault(packet);
    if (fault !== undefined) return err(fault);
    if (!(packet instanceof Uint8Array) || packet[0] !== DATA_BAND) continue;
    // A packet's payload always lies behind the place it moves to, so none is overwritten before it is read.
    bytes.set(packet.subarray(1), size);
    size += packet.length - 1;
  }
  return err('the answer of the git server was cut off');
}

/** gitprotocol-v2 "packfile section": 1 is the pack, 2 progress for people, 3 a fatal error. */
const DATA_BAND = 1;
const ERROR_BAND = 3;

function sideBandFault(packet: Packet): RemoteFault | undefined {
  if (!(packet instanceof Uint8Array) || packet[0] !== ERROR_BAND) return undefined;
  return `the git server says: ${decodeUtf8(packet.subarray(1)).trim()}`;
}
