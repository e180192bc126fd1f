import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface BlockDevice {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly isReadOnly: boolean;
  /** For a partition: its disk and its number there; its name in the partition table, '' where it has none. */
  readonly partition?: { readonly disk: string; readonly number: number; readonly name: string };
  /** For a whole disk: whether the kernel found partitions on it. */
  readonly hasPartitions: boolean;
}

const FOLDER = '/sys/class/block';
/** sysfs counts in these, whatever the disk's own sectors are. */
const SECTOR_BYTES = 512;
/** No disks: memory, loops, optical and floppy drives, flash boot areas. */
const NOT_DISKS = /^(ram|loop|zram|sr|fd|nbd|mtdblock|mmcblk[0-9]+(boot|rpmb))/;

/** The disks and partitions there are now. What vanishes while it is read is left out. */
export function listBlockDevices(folder: string = FOLDER): BlockDevice[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(name => !NOT_DISKS.test(name))
    .sort()
    .flatMap(name => {
      try {
        return [readBlockDevice(folder, name)];
      } catch {
        return [];
      }
    })
    .filter(device => device.bytes > 0);
}

function readBlockDevice(folder: string, name: string): BlockDevice {
  const own = realpathSync(join(folder, name));
  const read = (file: string): string => readFileSync(join(own, file), 'utf8').trim();
  const number = existsSync(join(own, 'partition')) ? Number(read('partition')) : undefined;
  return {
    name,
    path: `/dev/${name}`,
    bytes: Number(read('size')) * SECTOR_BYTES,
    isReadOnly: read('ro') === '1',
    hasPartitions: readdirSync(own).some(each => existsSync(join(own, each, 'partition'))),
    ...(number !== undefined && {
      partition: {
        disk: basename(dirname(own)),
        number,
        name: /^PARTNAME=(.*)$/m.exec(read('uevent'))?.[1] ?? '',
      },
    }),
  };
}

/** `length` bytes from `offset`, fewer at the device's end. @throws the system's error where it cannot be read. */
export function readDevice(path: string, offset: number, length: number): Uint8Array {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
  } finally {
    closeSync(descriptor);
  }
}
