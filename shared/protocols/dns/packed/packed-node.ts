import { assert } from '../../../base/assert.ts';
import { equalBytes } from '../../../base/bytes.ts';
import type { SignedRRset } from '../dnssec/signed-zone.ts';
import { encodeName, nameBytes, type Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import type { GrowingBytes } from './growing-bytes.ts';

// A node is the RRsets of one owner, little-endian: its bytes, then their number and the owner's bytes in one word, the owner in wire form, the
// RRsets. An RRset: type, number of signatures, TTL, number of records; then the data of records and signatures, each behind its length.
const NODE_HEAD_BYTES = 8;
const RRSET_HEAD_BYTES = 12;
const LENGTH_BYTES = 2;
/** The length of an owner stands in the low byte of its word: RFC 1035 §2.3.4. */
const OWNER_BITS = 8;
const RRSETS_MAX = 2 ** 24 - 1;

/** Bytes in which nodes stand, with a view of the same. */
export interface NodeBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Appends a node. */
export function encodeNode(rrsets: readonly (RRset | SignedRRset)[], into: GrowingBytes): void {
  assert(rrsets.length <= RRSETS_MAX, 'a name has a few RRsets');
  const [{ owner }] = rrsets as [RRset];
  const ownerBytes = nameBytes(owner);
  const start = into.extend(NODE_HEAD_BYTES + ownerBytes);
  into.setWord(start + 4, (rrsets.length << OWNER_BITS) | ownerBytes);
  encodeName(owner, into.bytes, start + NODE_HEAD_BYTES);
  for (const rrset of rrsets) encodeRRset(rrset, into);
  into.setWord(start, into.length - start);
}

function encodeRRset(rrset: RRset | SignedRRset, into: GrowingBytes): void {
  const signatures = 'signatures' in rrset ? rrset.signatures : NONE;
  const head = into.extend(RRSET_HEAD_BYTES);
  into.setHalf(head, rrset.type);
  into.setHalf(head + 2, signatures.length);
  into.setWord(head + 4, rrset.ttlSeconds);
  into.setWord(head + 8, rrset.data.length);
  for (const data of rrset.data) appendData(data, into);
  for (const data of signatures) appendData(data, into);
}

const NONE: readonly Uint8Array[] = [];

function appendData(data: Uint8Array, into: GrowingBytes): void {
  into.setHalf(into.extend(LENGTH_BYTES), data.length);
  into.append(data);
}

/** Where the node after the one at `at` stands. */
export function endOfNode({ view }: NodeBytes, at: number): number {
  return at + view.getUint32(at, true);
}

export function countRRsets({ view }: NodeBytes, at: number): number {
  return view.getUint32(at + 4, true) >>> OWNER_BITS;
}

/** The owner in wire form, as it is written. */
export function ownerInWire({ bytes, view }: NodeBytes, at: number): Uint8Array {
  const start = at + NODE_HEAD_BYTES;
  return bytes.subarray(start, start + (view.getUint32(at + 4, true) & 0xff));
}

/** Reads nodes of one zone. What it gives are views of the packed bytes, which never change. */
export class NodeReader {
  readonly #apex: Name;
  readonly #apexWire: Uint8Array;
  readonly #isSigned: boolean;

  /** `isSigned`: RRsets are to have `signatures`. */
  constructor(apex: Name, isSigned: boolean) {
    this.#apex = apex;
    this.#apexWire = new Uint8Array(nameBytes(apex));
    encodeName(apex, this.#apexWire, 0);
    this.#isSigned = isSigned;
  }

  owner(node: NodeBytes, at: number): Name {
    const wire = ownerInWire(node, at);
    const labels: Uint8Array[] = [];
    const ownLabelsEnd = wire.length - this.#apexWire.length;
    let offset = 0;
    while (offset < ownLabelsEnd) offset = addLabel(labels, wire, offset);
    // Nearly all owners write the apex as it is written itself, and share its labels.
    if (equalBytes(wire.subarray(offset), this.#apexWire)) return labels.concat(this.#apex);
    while (offset < wire.length - 1) offset = addLabel(labels, wire, offset);
    return labels;
  }

  /** Appends the RRsets of a node to `into`. */
  read(node: NodeBytes, at: number, into: RRset[]): void {
    const owner = this.owner(node, at);
    const count = countRRsets(node, at);
    let offset = at + NODE_HEAD_BYTES + (node.view.getUint32(at + 4, true) & 0xff);
    for (let left = count; left > 0; left--) {
      const type = node.view.getUint16(offset, true);
      const ttlSeconds = node.view.getUint32(offset + 4, true);
      const signatureCount = node.view.getUint16(offset + 2, true);
      const data: Uint8Array[] = [];
      const signatures: Uint8Array[] = [];
      const records = node.view.getUint32(offset + 8, true);
      offset = addData(data, node, { offset: offset + RRSET_HEAD_BYTES, count: records });
      offset = addData(signatures, node, { offset, count: signatureCount });
      const rrset: RRset | SignedRRset = this.#isSigned
        ? { owner, type, ttlSeconds, data, signatures }
        : { owner, type, ttlSeconds, data };
      into.push(rrset);
    }
  }
}

function addLabel(labels: Uint8Array[], wire: Uint8Array, offset: number): number {
  const end = offset + 1 + (wire[offset] as number);
  labels.push(wire.subarray(offset + 1, end));
  return end;
}

function addData(
  list: Uint8Array[],
  { bytes, view }: NodeBytes,
  { offset, count }: { readonly offset: number; readonly count: number },
): number {
  for (let left = count; left > 0; left--) {
    const start = offset + LENGTH_BYTES;
    offset = start + view.getUint16(start - LENGTH_BYTES, true);
    list.push(bytes.subarray(start, offset));
  }
  return offset;
}
