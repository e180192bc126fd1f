import { assert } from '../../../base/assert.ts';
import { gatherSignatures, type SignedZone } from '../dnssec/signed-zone.ts';
import { HEADER_BYTES as MESSAGE_HEADER_BYTES, TYPE } from '../message.ts';
import { encodeName, NAME_MAX_BYTES } from '../name.ts';
import type { Zone } from '../rrset.ts';
import { AskedName } from './asked-name.ts';
import { compileZone, type Parts } from './compile-zone.ts';
import { CompiledZones, NONE } from './compiled-zones.ts';
import type { OpenLink } from './encode-block.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { fillSlots, slotCount } from './hash-slots.ts';
import { aligned, HASH_WORDS, HEADER, HEADER_BYTES, LINK, NODE, SLOT_WORDS, ZONE } from './layout.ts';
import { writeSettings, type PlaneSettings } from './plane-settings.ts';

/** Offsets in the heap are computed with in 32 bits: about twenty million records. */
const HEAP_MAX_BYTES = 0x7fff_ffff;

/**
 * The zones in the form that the data plane answers from: README.md shows it. Each zone has its SOA and all its owners in it; a zone
 * that was signed elsewhere may have its RRSIGs as RRsets. What is given back is never changed but by `writeCookieSecrets`.
 */
export function compileZones(
  zones: readonly (Zone | SignedZone)[],
  generation: number,
  settings: PlaneSettings = {},
): SharedArrayBuffer {
  const parts: Parts = {
    zones: new GrowingBytes(),
    nodes: new GrowingBytes(),
    hashes: new GrowingBytes(),
    heap: new GrowingBytes(),
  };
  // Offset 0 means "none".
  parts.heap.extend(4);
  const links = zones.map(zone =>
    compileZone(parts, 'denial' in zone ? zone : (gatherSignatures(zone) ?? zone)),
  );
  assert(parts.heap.length <= HEAP_MAX_BYTES, `the zones have more than ${HEAP_MAX_BYTES} bytes of records`);
  const shared = assemble(parts, generation);
  writeSettings(shared, settings);
  const compiled = new CompiledZones(shared);
  fillSlots(compiled);
  resolveLinks(compiled, links);
  return shared;
}

/** The parts one after another, with room for the tables. */
function assemble({ zones, nodes, hashes, heap }: Parts, generation: number): SharedArrayBuffer {
  const zoneCount = zones.length / (4 * ZONE.WORDS);
  const nodeCount = nodes.length / (4 * NODE.WORDS);
  const values = { [HEADER.GENERATION]: generation, [HEADER.ZONE_COUNT]: zoneCount };
  const sizes: readonly (readonly [word: number, bytes: number])[] = [
    [HEADER.ZONES_AT, zones.length],
    [HEADER.ZONE_SLOTS_AT, 4 * SLOT_WORDS * slotCount(zoneCount)],
    [HEADER.NODES_AT, nodes.length],
    [HEADER.NODE_SLOTS_AT, 4 * SLOT_WORDS * slotCount(nodeCount)],
    [HEADER.HASHES_AT, hashes.length],
    [HEADER.HEAP_AT, aligned(heap.length)],
  ];
  const shared = new SharedArrayBuffer(sizes.reduce((total, [, bytes]) => total + bytes, HEADER_BYTES));
  const header = new Uint32Array(shared, 0, HEADER_BYTES / 4);
  const bytes = new Uint8Array(shared);
  let offset = HEADER_BYTES;
  for (const [word, length] of sizes) {
    header[word] = offset;
    offset += length;
  }
  for (const [word, value] of Object.entries(values)) header[Number(word)] = value;
  header[HEADER.ZONE_SLOT_COUNT] = slotCount(zoneCount);
  header[HEADER.NODE_COUNT] = nodeCount;
  header[HEADER.NODE_SLOT_COUNT] = slotCount(nodeCount);
  header[HEADER.HASH_COUNT] = hashes.length / (4 * HASH_WORDS);
  const place = (word: number, part: GrowingBytes): void => bytes.set(part.bytes, header[word]);
  place(HEADER.ZONES_AT, zones);
  place(HEADER.NODES_AT, nodes);
  place(HEADER.HASHES_AT, hashes);
  place(HEADER.HEAP_AT, heap);
  return shared;
}

/** Links name servers, mail exchanges and their like to the addresses that their zone has for them. */
function resolveLinks(compiled: CompiledZones, linksOfZones: readonly (readonly OpenLink[])[]): void {
  const words = new Uint32Array(compiled.shared, compiled.header[HEADER.HEAP_AT]);
  const name = new AskedName();
  const wire = new Uint8Array(MESSAGE_HEADER_BYTES + NAME_MAX_BYTES);
  linksOfZones.forEach((links, zone) => {
    for (const { at, target } of links) {
      name.takeQuestion(wire, 0, encodeName(target, wire, MESSAGE_HEADER_BYTES));
      const node = compiled.findNode(zone, name, name.labels);
      if (node === NONE) continue;
      words[at / 4 + LINK.A] = Math.max(0, compiled.findBlock(node, TYPE.A));
      words[at / 4 + LINK.AAAA] = Math.max(0, compiled.findBlock(node, TYPE.AAAA));
    }
  });
}
