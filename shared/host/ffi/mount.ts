import { checkResult, processLibrary } from './library.ts';
import { cString } from './c-string.ts';

/** Bits of Linux uapi linux/mount.h, by the kernel's names. */
export const MOUNT_FLAGS = {
  readOnly: 1,
  noSuid: 2,
  noDevices: 4,
  noExecute: 8,
  remount: 32,
  noAccessTime: 1024,
} as const;
export type MountFlag = keyof typeof MOUNT_FLAGS;

const { mount: systemMount, umount2: systemUnmount } = processLibrary.getFunctions({
  mount: { arguments: ['pointer', 'pointer', 'pointer', 'u64', 'pointer'], return: 'i32' },
  umount2: { arguments: ['pointer', 'i32'], return: 'i32' },
});

export interface MountRequest {
  /** A block device, or a word for kernel file systems. */
  readonly source: string;
  readonly target: string;
  /** 'tmpfs', 'ext4' … */
  readonly type: string;
  readonly flags: readonly MountFlag[];
  /** The file system's own options: 'size=64m,mode=0755'. */
  readonly options?: string;
}

/** mount(2). @throws SystemCallError with the kernel's reason. */
export function mount(request: MountRequest): void {
  const flags = request.flags.reduce((sum, flag) => sum | MOUNT_FLAGS[flag], 0);
  const { source, target, type, options = '' } = request;
  const result = systemMount(
    cString(source),
    cString(target),
    cString(type),
    BigInt(flags),
    cString(options),
  );
  checkResult(result, 'mount', `${source} on ${target}`);
}

/** umount2(2) without force: it fails while a file is open there. @throws SystemCallError */
export function unmount(target: string): void {
  checkResult(systemUnmount(cString(target), 0), 'umount', target);
}
