import { BOOT_CODE_BYTES } from '../../shared/protocols/gpt/encode.ts';
import { SECTOR_BYTES } from '../../shared/protocols/gpt/gpt.ts';

/** What grub-bios-setup patches into GRUB's images (GRUB 2.12, include/grub/i386/pc/boot.h and util/setup.c). */
const KERNEL_SECTOR_OFFSET = 0x5c;
const DRIVE_CHECK_OFFSET = 0x66;
const NOP = 0x90;
const BLOCK_LIST_OFFSET: number = SECTOR_BYTES - 12;
const KERNEL_SEGMENT = 0x820;

/** The MBR's boot code: boot.img, told where core.img begins. */
export function patchBootImage(bootImage: Uint8Array, coreSector: number): Uint8Array {
  if (bootImage.length !== SECTOR_BYTES)
    throw new RangeError(`boot.img has ${bootImage.length} bytes, not 512`);
  const code = new Uint8Array(bootImage.subarray(0, BOOT_CODE_BYTES));
  new DataView(code.buffer).setBigUint64(KERNEL_SECTOR_OFFSET, BigInt(coreSector), true);
  // A BIOS may hand over a wrong drive number: as for every hard disk, the jump over the check becomes two no-ops.
  code.fill(NOP, DRIVE_CHECK_OFFSET, DRIVE_CHECK_OFFSET + 2);
  return code;
}

/** core.img for a place on the disk: its first sector loads the rest, which follows in one run. */
export function patchCoreImage(coreImage: Uint8Array, coreSector: number): Uint8Array {
  const sectors = Math.ceil(coreImage.length / SECTOR_BYTES);
  const core = new Uint8Array(sectors * SECTOR_BYTES);
  core.set(coreImage);
  const view = new DataView(core.buffer);
  view.setBigUint64(BLOCK_LIST_OFFSET, BigInt(coreSector + 1), true);
  view.setUint16(BLOCK_LIST_OFFSET + 8, sectors - 1, true);
  view.setUint16(BLOCK_LIST_OFFSET + 10, KERNEL_SEGMENT, true);
  return core;
}
