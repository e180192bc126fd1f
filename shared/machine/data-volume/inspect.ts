import { decodeExt4, SUPERBLOCK_BYTES, SUPERBLOCK_OFFSET } from '../../protocols/volume/ext4.ts';
import type { BlockDevice } from '../block-devices.ts';
import { readDevice } from '../block-devices.ts';
import type { Candidate } from './choose.ts';
import { readTemplateStart, SUPERBLOCK_END, TEMPLATE_FILE } from './template.ts';

/** Partition tables, file systems, volume managers and encryption all leave a mark within their first MiB. */
const MARK_BYTES = 1_048_576;

/** Looks at a device without changing it. One that cannot be read is neither a volume nor blank. */
export async function inspectDevice(device: BlockDevice): Promise<Candidate> {
  try {
    const start = readDevice(device.path, 0, MARK_BYTES);
    return {
      device,
      ext4: decodeExt4(start.subarray(0, SUPERBLOCK_OFFSET + SUPERBLOCK_BYTES)),
      isBlank: !device.hasPartitions && start.length === MARK_BYTES && (await isBlank(start)),
    };
  } catch {
    return { device, ext4: undefined, isBlank: false };
  }
}

/**
 * Zeros alone; or the template but for its superblock, which is written last: the power went while it was being laid
 * down, and it may be laid down again.
 */
async function isBlank(start: Uint8Array): Promise<boolean> {
  if (!isZero(start.subarray(0, SUPERBLOCK_END))) return false;
  const rest = Buffer.from(start.buffer, start.byteOffset + SUPERBLOCK_END, start.length - SUPERBLOCK_END);
  if (isZero(rest)) return true;
  const template = await readTemplateStart(TEMPLATE_FILE, start.length);
  return template !== undefined && rest.equals(template.subarray(SUPERBLOCK_END));
}

function isZero(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.equals(Buffer.alloc(bytes.length));
}
