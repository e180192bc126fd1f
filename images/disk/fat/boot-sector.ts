import type { Geometry } from './geometry.ts';
import { SECTOR_BYTES } from './geometry.ts';

const MEDIA_FIXED_DISK = 0xf8;
const FSINFO_SECTOR = 1;
const BACKUP_SECTOR = 6;
const ROOT_CLUSTER = 2;
const EXTENDED_SIGNATURE = 0x29;

export interface VolumeName {
  /** At most 11 characters of capitals, digits, `-` and `_`. */
  readonly label: string;
  /** The volume's serial number, 32 bits. */
  readonly serial: number;
  /** Sectors before the partition on its disk. */
  readonly hiddenSectors: number;
}

/** FAT File System Specification 1.03 §3.1–3.3: the boot sector, without code (these volumes are never booted by it). */
export function encodeBootSector(geometry: Geometry, name: VolumeName): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES);
  const view = new DataView(sector.buffer);
  const small = geometry.kind === 'fat16' && geometry.sectors < 0x10000;
  sector.set([0xeb, geometry.kind === 'fat16' ? 0x3c : 0x58, 0x90], 0);
  writeText(sector, 3, 'LARES   ');
  view.setUint16(11, SECTOR_BYTES, true);
  view.setUint8(13, geometry.sectorsPerCluster);
  view.setUint16(14, geometry.reservedSectors, true);
  view.setUint8(16, 2);
  view.setUint16(17, (geometry.rootSectors * SECTOR_BYTES) / 32, true);
  view.setUint16(19, small ? geometry.sectors : 0, true);
  view.setUint8(21, MEDIA_FIXED_DISK);
  view.setUint16(22, geometry.kind === 'fat16' ? geometry.fatSectors : 0, true);
  view.setUint16(24, 63, true);
  view.setUint16(26, 255, true);
  view.setUint32(28, name.hiddenSectors, true);
  view.setUint32(32, small ? 0 : geometry.sectors, true);
  if (geometry.kind === 'fat32') writeFat32Part(view, geometry);
  writeExtended(sector, geometry.kind === 'fat16' ? 36 : 64, geometry, name);
  view.setUint16(510, 0xaa55, true);
  return sector;
}

function writeFat32Part(view: DataView, geometry: Geometry): void {
  view.setUint32(36, geometry.fatSectors, true);
  view.setUint32(44, ROOT_CLUSTER, true);
  view.setUint16(48, FSINFO_SECTOR, true);
  view.setUint16(50, BACKUP_SECTOR, true);
}

function writeExtended(sector: Uint8Array, at: number, geometry: Geometry, name: VolumeName): void {
  sector[at] = 0x80;
  sector[at + 2] = EXTENDED_SIGNATURE;
  new DataView(sector.buffer).setUint32(at + 3, name.serial, true);
  writeText(sector, at + 7, name.label.padEnd(11));
  writeText(sector, at + 18, geometry.kind === 'fat16' ? 'FAT16   ' : 'FAT32   ');
}

/** §5: FAT32's hint of free space. */
export function encodeFsInfo(freeClusters: number, nextFree: number): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES);
  const view = new DataView(sector.buffer);
  view.setUint32(0, 0x41615252, true);
  view.setUint32(484, 0x61417272, true);
  view.setUint32(488, freeClusters, true);
  view.setUint32(492, nextFree, true);
  view.setUint32(508, 0xaa550000, true);
  return sector;
}

export function writeText(bytes: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
}
