/** The label in a FAT boot sector (Microsoft FAT specification 1.03, §3). */
import { viewOf } from '../../base/bytes.ts';

const SECTOR_BYTES = 512;

/** The volume's label without trailing spaces, or undefined where the sector begins no FAT volume. */
export function decodeFatLabel(sector: Uint8Array): string | undefined {
  if (sector.length < SECTOR_BYTES || viewOf(sector).getUint16(510, true) !== 0xaa55) return undefined;
  // A FAT32 volume has no 16-bit count of sectors per FAT; its extended fields stand further back.
  const isFat32 = viewOf(sector).getUint16(22, true) === 0;
  const type = ascii(sector.subarray(isFat32 ? 82 : 54, isFat32 ? 90 : 62));
  if (!type.startsWith('FAT')) return undefined;
  return ascii(sector.subarray(isFat32 ? 71 : 43, isFat32 ? 82 : 54)).trimEnd();
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
