import { viewOf } from '../../../base/bytes.ts';
import { denialOf, gatherNode, type Denial, type SignedZone } from '../dnssec/signed-zone.ts';
import { zoneNodes, type ZoneNode } from '../dnssec/zone-nodes.ts';
import { TYPE } from '../message.ts';
import { lowerByte, nameBytes, type Name } from '../name.ts';
import { rrsetsOf } from '../rrset-list.ts';
import type { RRset, Zone } from '../rrset.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';
import { arrangeZone, signaturesOf, type ArrangedNode, type Beside } from './arrange-zone.ts';
import { compileHash } from './compile-hash.ts';
import { BlockEncoder, type OpenLink } from './encode-block.ts';
import { GrowingBytes } from '../packed/growing-bytes.ts';
import { DENIAL, LINK, NODE, NODE_FLAG, ZONE } from './layout.ts';

/** The growing parts of a zone that is compiled. */
export class Parts {
  /** What the zone's header has to say, by its word. */
  readonly header: Uint32Array = new Uint32Array(ZONE.WORDS);
  readonly nodes: GrowingBytes = new GrowingBytes();
  readonly hashes: GrowingBytes = new GrowingBytes();
  readonly heap: GrowingBytes = new GrowingBytes();

  constructor() {
    // Offset 0 means "none".
    this.heap.extend(4);
  }
}

/** Writes a zone into the parts; gives the links whose addresses are not known yet. */
export function compileContent(parts: Parts, zone: Zone | SignedZone): readonly OpenLink[] {
  const { header, heap } = parts;
  const { apex } = zone;
  const denial = 'denial' in zone ? zone.denial : denialOf(zone);
  // A zone that was signed elsewhere has its signatures among its RRsets.
  const gather = 'denial' in zone || denial === undefined ? asItIs : gatherNode;
  const encoder = new BlockEncoder(heap, apex);
  compileApex(parts, apex);
  const glue: Glue = new Map();
  const beside: Beside = {
    glue: (owner, rrsets) => void glue.set(canonicalKey(owner), rrsets),
    hashed: nsec3 => {
      if (denial?.kind === 'nsec3') compileHash(parts, encoder, { nsec3, denial });
    },
  };
  compileNodes(parts, encoder, { apex, nodes: arrangeZone(apex, nodesOf(zone, gather), beside) });
  header[ZONE.NEGATIVE_SOA] = encodeNegativeSoa(encoder, gather(rrsetsOf(zone.rrsets, apex)));
  header[ZONE.DENIAL] = DENIAL_NUMBER[denial?.kind ?? 'none'];
  if (denial?.kind === 'nsec3') {
    header[ZONE.ITERATIONS] = denial.iterations;
    header[ZONE.SALT] = heap.append(denial.salt);
    header[ZONE.SALT_BYTES] = denial.salt.length;
  }
  return linkGlue(heap, encoder, glue);
}

/** What is known of a zone by its name alone. */
export function compileApex({ header, heap }: Parts, apex: Name): void {
  header[ZONE.DEPTH] = apex.length;
  header[ZONE.APEX_BYTES] = nameBytes(apex) - 1;
  header[ZONE.APEX] = heap.append(rootFirst(apex));
}

type GatherNode = (node: readonly RRset[]) => readonly RRset[];

const asItIs: GatherNode = node => node;

function* nodesOf({ apex, rrsets }: Zone, gather: GatherNode): Generator<ZoneNode> {
  for (const node of zoneNodes(apex, rrsets)) {
    const gathered = gather(node.rrsets);
    // What has signatures alone is no name of the zone.
    if (gathered.length > 0) yield { ...node, rrsets: gathered };
  }
}

/** The RRsets of names at or below cuts, by {@link canonicalKey}. */
type Glue = Map<string, readonly RRset[]>;

const DENIAL_NUMBER: Readonly<Record<Denial['kind'] | 'none', number>> = {
  none: DENIAL.NONE,
  nsec: DENIAL.NSEC,
  nsec3: DENIAL.NSEC3,
  compact: DENIAL.COMPACT,
};

function nodeCount({ nodes }: Parts): number {
  return nodes.length / (4 * NODE.WORDS);
}

/** Wire form in lower case, the labels in the order in which the tree is descended, without the root's byte. */
function rootFirst(labels: Name): Uint8Array {
  const bytes = new Uint8Array(nameBytes(labels) - 1);
  let end = bytes.length;
  for (const label of labels) {
    end -= 1 + label.length;
    bytes[end] = label.length;
    for (let index = 0; index < label.length; index++)
      bytes[end + 1 + index] = lowerByte(label[index] as number);
  }
  return bytes;
}

function compileNodes(
  parts: Parts,
  encoder: BlockEncoder,
  { apex, nodes: arranged }: { readonly apex: Name; readonly nodes: Iterable<ArrangedNode> },
): void {
  const { nodes, heap } = parts;
  /** The nodes from the apex down to the last one written: their places in `nodes`. */
  const path: number[] = [];
  const close = (depth: number): void => {
    for (const at of path.splice(depth)) nodes.setWord(at + 4 * NODE.END, nodeCount(parts));
  };
  for (const node of arranged) {
    const below = node.name.slice(0, node.name.length - apex.length);
    close(below.length);
    const parent = path.at(-1);
    if (parent !== undefined && isWildcard(below))
      nodes.setWord(parent + 4 * NODE.WILDCARD, nodeCount(parts));
    const at = nodes.extend(4 * NODE.WORDS);
    path.push(at);
    const name = rootFirst(below);
    const flags = (node.cut ? NODE_FLAG.CUT : 0) | (node.alias ? NODE_FLAG.DNAME : 0);
    heap.align();
    nodes.setWord(at + 4 * NODE.HEAP, heap.append(name));
    nodes.setWord(at + 4 * NODE.INFO, name.length | (flags << 8) | (node.rrsets.length << 16));
    heap.align();
    for (const rrset of node.rrsets) encoder.write(rrset, { signatures: signaturesOf(rrset) });
  }
  close(0);
}

function isWildcard(name: Name): boolean {
  return name[0]?.length === 1 && name[0][0] === 0x2a;
}

/** RFC 2308 §3: in a negative answer the SOA's TTL is the lesser of its own and its MINIMUM, the last field. */
function encodeNegativeSoa(encoder: BlockEncoder, atApex: readonly RRset[]): number {
  const soa = atApex.find(({ type }) => type === TYPE.SOA) as RRset;
  const [data] = soa.data as [Uint8Array];
  const ttlSeconds = Math.min(soa.ttlSeconds, viewOf(data).getUint32(data.length - 4));
  return encoder.write(soa, { signatures: signaturesOf(soa), ttlSeconds });
}

/** Writes the addresses of name servers below cuts and links the delegations to them; the links to names that are no glue. */
function linkGlue(heap: GrowingBytes, encoder: BlockEncoder, glue: Glue): readonly OpenLink[] {
  if (glue.size === 0) return encoder.openLinks;
  const written = new Map<string, readonly [number, number]>();
  // Addresses have no names in their data, so that no links are added on the way.
  return encoder.openLinks.filter(({ at, target }) => {
    const key = canonicalKey(target);
    const rrsets = glue.get(key);
    if (rrsets === undefined) return true;
    const write = (wanted: number): number => {
      const rrset = rrsets.find(({ type }) => type === wanted);
      // RFC 4035 §2.2: glue is not signed.
      return rrset === undefined ? 0 : encoder.write(rrset, { signatures: [] });
    };
    const blocks = written.get(key) ?? [write(TYPE.A), write(TYPE.AAAA)];
    written.set(key, blocks);
    heap.setWord(at + 4 * LINK.A, blocks[0]);
    heap.setWord(at + 4 * LINK.AAAA, blocks[1]);
    return false;
  });
}
