import { assert } from '../../../base/assert.ts';
import type { SignedZone } from '../dnssec/signed-zone.ts';
import { HEADER_BYTES as MESSAGE_HEADER_BYTES, TYPE } from '../message.ts';
import { encodeName, NAME_MAX_BYTES, type Name } from '../name.ts';
import type { Zone } from '../rrset.ts';
import { AskedName } from './asked-name.ts';
import { compileApex, compileContent, Parts } from './compile-content.ts';
import { APEX_NODE, apexOf, CompiledZone, NONE } from './compiled-zone.ts';
import type { OpenLink } from './encode-block.ts';
import { enterSlot, hashFrom, slotCount } from './hash-slots.ts';
import { aligned, HASH_WORDS, LINK, NODE, SLOT_WORDS, ZONE, ZONE_HEADER_BYTES } from './layout.ts';
import { scatterHash, NAME_HASH_START } from './name-hash.ts';

/** Offsets in the heap are computed with in 32 bits: about twenty million records. */
const HEAP_MAX_BYTES = 0x7fff_ffff;

/**
 * The zone in the form that the data plane answers from: README.md shows it. The zone has its SOA and all its owners in it; one that
 * was signed elsewhere may have its RRSIGs as RRsets. What is given back is never changed; `compileDirectory` joins it to others.
 */
export function compileZone(zone: Zone | SignedZone): SharedArrayBuffer {
  const parts = new Parts();
  const links = compileContent(parts, zone);
  assert(parts.heap.length <= HEAP_MAX_BYTES, `a zone has more than ${HEAP_MAX_BYTES} bytes of records`);
  const shared = assemble(parts);
  const compiled = new CompiledZone(shared);
  fillSlots(compiled, apexOf(shared));
  resolveLinks(shared, compiled, links);
  return shared;
}

/** Stands for a zone that must not be answered from, or has nothing yet: a name without a node. */
export function compileUnanswered(apex: Name): SharedArrayBuffer {
  const parts = new Parts();
  compileApex(parts, apex);
  return assemble(parts);
}

/** The parts one after another, with room for the slots. */
function assemble({ header, nodes, hashes, heap }: Parts): SharedArrayBuffer {
  const nodeCount = nodes.length / (4 * NODE.WORDS);
  header[ZONE.NODE_COUNT] = nodeCount;
  header[ZONE.NODE_SLOT_COUNT] = slotCount(nodeCount);
  header[ZONE.HASH_COUNT] = hashes.length / (4 * HASH_WORDS);
  const nodeSlotsAt = ZONE_HEADER_BYTES + nodes.length;
  const hashesAt = nodeSlotsAt + 4 * SLOT_WORDS * slotCount(nodeCount);
  const heapAt = hashesAt + hashes.length;
  header[ZONE.NODES_AT] = ZONE_HEADER_BYTES;
  header[ZONE.NODE_SLOTS_AT] = nodeSlotsAt;
  header[ZONE.HASHES_AT] = hashesAt;
  header[ZONE.HEAP_AT] = heapAt;
  const shared = new SharedArrayBuffer(heapAt + aligned(heap.length));
  const bytes = new Uint8Array(shared);
  new Uint32Array(shared, 0, ZONE.WORDS).set(header);
  bytes.set(nodes.bytes, ZONE_HEADER_BYTES);
  bytes.set(hashes.bytes, hashesAt);
  bytes.set(heap.bytes, heapAt);
  return shared;
}

function fillSlots(zone: CompiledZone, apexName: Uint8Array): void {
  const apex = hashFrom(NAME_HASH_START, apexName, 0, apexName.length);
  for (let node = APEX_NODE; node < zone.end(APEX_NODE); node++) {
    const hash = hashFrom(apex, zone.heap, zone.nameAt(node), zone.nameBytes(node));
    enterSlot(zone.nodeSlots, scatterHash(hash), node);
  }
}

/** Links name servers, mail exchanges and their like to the addresses that their zone has for them. */
function resolveLinks(shared: SharedArrayBuffer, zone: CompiledZone, links: readonly OpenLink[]): void {
  const words = new Uint32Array(shared, zone.heap.byteOffset);
  const name = new AskedName();
  const wire = new Uint8Array(MESSAGE_HEADER_BYTES + NAME_MAX_BYTES);
  for (const { at, target } of links) {
    name.takeQuestion(wire, 0, encodeName(target, wire, MESSAGE_HEADER_BYTES));
    const node = zone.findNode(name, name.labels);
    if (node === NONE) continue;
    words[at / 4 + LINK.A] = Math.max(0, zone.findBlock(node, TYPE.A));
    words[at / 4 + LINK.AAAA] = Math.max(0, zone.findBlock(node, TYPE.AAAA));
  }
}
