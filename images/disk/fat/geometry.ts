/** How a FAT volume is divided (FAT File System Specification 1.03 §3). */
export const SECTOR_BYTES = 512;
export const FAT_COUPLES = 2;

export interface Geometry {
  readonly kind: 'fat16' | 'fat32';
  readonly sectors: number;
  readonly sectorsPerCluster: number;
  readonly reservedSectors: number;
  readonly fatSectors: number;
  /** FAT16 keeps its root directory between the FATs and the clusters; FAT32 in the clusters: 0. */
  readonly rootSectors: number;
  readonly clusters: number;
}

/** §3.5: the number of clusters alone decides the kind. */
const FAT16_CLUSTERS_LEAST = 4085;
const FAT16_CLUSTERS_MOST = 65524;
const FAT32_CLUSTERS_LEAST = 65525;

const FAT16_ROOT_ENTRIES = 512;
const FAT32_RESERVED_SECTORS = 32;

/** The division with the smallest clusters that the size and kind allow. */
export function planGeometry(kind: Geometry['kind'], sectors: number): Geometry {
  for (let sectorsPerCluster = 1; sectorsPerCluster <= 64; sectorsPerCluster *= 2) {
    const geometry = divide(kind, sectors, sectorsPerCluster);
    const { clusters } = geometry;
    const fits =
      kind === 'fat16'
        ? clusters >= FAT16_CLUSTERS_LEAST && clusters <= FAT16_CLUSTERS_MOST
        : clusters >= FAT32_CLUSTERS_LEAST;
    if (fits) return geometry;
  }
  throw new RangeError(`a volume of ${sectors} sectors cannot be ${kind.toUpperCase()}`);
}

function divide(kind: Geometry['kind'], sectors: number, sectorsPerCluster: number): Geometry {
  const reservedSectors = kind === 'fat16' ? 1 : FAT32_RESERVED_SECTORS;
  const rootSectors = kind === 'fat16' ? (FAT16_ROOT_ENTRIES * 32) / SECTOR_BYTES : 0;
  const entryBytes = kind === 'fat16' ? 2 : 4;
  const space = sectors - reservedSectors - rootSectors;
  // A FAT that could name every cluster of the space without FATs is large enough, and a little too large.
  const fatSectors = Math.ceil(
    ((Math.floor(space / sectorsPerCluster) + FAT_COUPLES) * entryBytes) / SECTOR_BYTES,
  );
  const clusters = Math.floor((space - 2 * fatSectors) / sectorsPerCluster);
  return { kind, sectors, sectorsPerCluster, reservedSectors, fatSectors, rootSectors, clusters };
}

export function fatStart(geometry: Geometry, copy: 0 | 1): number {
  return (geometry.reservedSectors + copy * geometry.fatSectors) * SECTOR_BYTES;
}

export function rootStart(geometry: Geometry): number {
  return (geometry.reservedSectors + 2 * geometry.fatSectors) * SECTOR_BYTES;
}

/** The first byte of a cluster; numbers begin at 2. */
export function clusterStart(geometry: Geometry, cluster: number): number {
  const inClusters = (cluster - FAT_COUPLES) * geometry.sectorsPerCluster;
  return rootStart(geometry) + (geometry.rootSectors + inClusters) * SECTOR_BYTES;
}
