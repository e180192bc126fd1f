import type { Directory, Node } from '../tree.ts';
import { sortedEntries } from '../tree.ts';
import type { VolumeName } from './boot-sector.ts';
import { encodeBootSector, encodeFsInfo, writeText } from './boot-sector.ts';
import type { Geometry } from './geometry.ts';
import { FAT_COUPLES, SECTOR_BYTES, clusterStart, fatStart, planGeometry, rootStart } from './geometry.ts';
import { ENTRY_BYTES, encodeLongName, needsLongName, shortName } from './names.ts';

export interface FatOptions extends VolumeName {
  readonly kind: Geometry['kind'];
  readonly sectors: number;
}

const ATTRIBUTE = { volumeLabel: 0x08, directory: 0x10, archive: 0x20 } as const;
/** 1980-01-01 00:00, FAT's first moment: no clock gets into an image. */
const FIRST_DATE = 0x0021;
const FSINFO_BACKUP_SECTOR = 7;
const BOOT_BACKUP_SECTOR = 6;
const LABEL_PATTERN = /^[A-Z0-9_-]{1,11}$/;

/** A whole FAT16 or FAT32 volume that holds the tree. Modes are dropped; symbolic links are a fault. */
export function encodeFat(root: Directory, options: FatOptions): Uint8Array {
  if (!LABEL_PATTERN.test(options.label))
    throw new RangeError(`label "${options.label}": 1 to 11 of A-Z 0-9 - _`);
  const volume = new Volume(planGeometry(options.kind, options.sectors));
  volume.writeRoot(root, options.label);
  return volume.finish(options);
}

interface Line {
  readonly name: string;
  readonly attribute: number;
  readonly cluster: number;
  readonly bytes: number;
}

class Volume {
  readonly #geometry: Geometry;
  readonly #image: Uint8Array;
  readonly #view: DataView;
  #nextCluster = FAT_COUPLES;

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
    this.#image = new Uint8Array(geometry.sectors * SECTOR_BYTES);
    this.#view = new DataView(this.#image.buffer);
    this.#link(0, geometry.kind === 'fat16' ? 0xfff8 : 0x0ffffff8);
    this.#link(1, geometry.kind === 'fat16' ? 0xffff : 0x0fffffff);
  }

  writeRoot(root: Directory, label: string): void {
    const length = ENTRY_BYTES + listingBytes(root);
    const fixed = this.#geometry.kind === 'fat16';
    const at = fixed ? rootStart(this.#geometry) : clusterStart(this.#geometry, this.#allocate(length));
    if (fixed && length > this.#geometry.rootSectors * SECTOR_BYTES) {
      throw new RangeError('too many files in the root folder of a FAT16 volume');
    }
    const head = encodeEntry(label.padEnd(11), { attribute: ATTRIBUTE.volumeLabel, cluster: 0, bytes: 0 });
    this.#image.set(this.#encodeListing(root, 0, [head]), at);
  }

  finish(options: FatOptions): Uint8Array {
    const boot = encodeBootSector(this.#geometry, options);
    this.#image.set(boot, 0);
    if (this.#geometry.kind === 'fat32') {
      const free = this.#geometry.clusters - (this.#nextCluster - FAT_COUPLES);
      const info = encodeFsInfo(free, this.#nextCluster);
      this.#image.set(info, SECTOR_BYTES);
      this.#image.set(boot, BOOT_BACKUP_SECTOR * SECTOR_BYTES);
      this.#image.set(info, FSINFO_BACKUP_SECTOR * SECTOR_BYTES);
    }
    const length = this.#geometry.fatSectors * SECTOR_BYTES;
    const first = fatStart(this.#geometry, 0);
    this.#image.copyWithin(fatStart(this.#geometry, 1), first, first + length);
    return this.#image;
  }

  /** A folder's entries; the clusters of what it holds are filled on the way. */
  #encodeListing(folder: Directory, self: number, head: readonly Uint8Array[]): Uint8Array {
    const lines = sortedEntries(folder).map(([name, node]) => this.#writeNode(name, node, self));
    return Buffer.concat([...head, ...encodeLines(lines)]);
  }

  #writeNode(name: string, node: Node, parent: number): Line {
    if (node.kind === 'symlink') throw new RangeError(`"${name}": FAT has no symbolic links`);
    if (node.kind === 'directory') return this.#writeDirectory(name, node, parent);
    const bytes = node.content.length;
    // §6.7: an empty file has no cluster.
    const cluster = bytes === 0 ? 0 : this.#allocate(bytes);
    if (bytes > 0) this.#image.set(node.content, clusterStart(this.#geometry, cluster));
    return { name, attribute: ATTRIBUTE.archive, cluster, bytes };
  }

  #writeDirectory(name: string, folder: Directory, parent: number): Line {
    const cluster = this.#allocate(2 * ENTRY_BYTES + listingBytes(folder));
    const line = { attribute: ATTRIBUTE.directory, cluster, bytes: 0 };
    // §6.5: ".." is 0 where the folder above is the root.
    const head = [
      encodeEntry('.'.padEnd(11), line),
      encodeEntry('..'.padEnd(11), { ...line, cluster: parent }),
    ];
    this.#image.set(this.#encodeListing(folder, cluster, head), clusterStart(this.#geometry, cluster));
    return { name, ...line };
  }

  /** Clusters in one run, so that a file never lies in pieces: GRUB keeps the environment block by its sectors. */
  #allocate(bytes: number): number {
    const count = Math.max(1, Math.ceil(bytes / (this.#geometry.sectorsPerCluster * SECTOR_BYTES)));
    const first = this.#nextCluster;
    this.#nextCluster += count;
    if (this.#nextCluster - FAT_COUPLES > this.#geometry.clusters) {
      const room = this.#geometry.clusters * this.#geometry.sectorsPerCluster * SECTOR_BYTES;
      throw new RangeError(`the files do not fit into a FAT volume with room for ${room} bytes`);
    }
    for (let cluster = first; cluster < this.#nextCluster - 1; cluster++) this.#link(cluster, cluster + 1);
    this.#link(this.#nextCluster - 1, this.#geometry.kind === 'fat16' ? 0xffff : 0x0fffffff);
    return first;
  }

  #link(cluster: number, next: number): void {
    const start = fatStart(this.#geometry, 0);
    if (this.#geometry.kind === 'fat16') this.#view.setUint16(start + 2 * cluster, next, true);
    else this.#view.setUint32(start + 4 * cluster, next, true);
  }
}

function encodeLines(lines: readonly Line[]): Uint8Array[] {
  const taken = new Set<string>();
  return lines.flatMap(line => {
    const alias = shortName(line.name, taken);
    taken.add(alias);
    const entry = encodeEntry(alias, line);
    return needsLongName(line.name, alias) ? [encodeLongName(line.name, alias), entry] : [entry];
  });
}

/** What a folder's lines take: clusters and sizes do not change their length. */
function listingBytes(folder: Directory): number {
  const lines = sortedEntries(folder).map(([name]) => ({ name, attribute: 0, cluster: 0, bytes: 0 }));
  return encodeLines(lines).reduce((sum, each) => sum + each.length, 0);
}

function encodeEntry(alias: string, line: Omit<Line, 'name'>): Uint8Array {
  const entry = new Uint8Array(ENTRY_BYTES);
  const view = new DataView(entry.buffer);
  writeText(entry, 0, alias);
  entry[11] = line.attribute;
  view.setUint16(16, FIRST_DATE, true);
  view.setUint16(18, FIRST_DATE, true);
  view.setUint16(20, line.cluster >>> 16, true);
  view.setUint16(24, FIRST_DATE, true);
  view.setUint16(26, line.cluster & 0xffff, true);
  view.setUint32(28, line.bytes, true);
  return entry;
}
