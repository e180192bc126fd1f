import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface DiskGuest extends AsyncDisposable {
  /** What stood on the console, for a failing test's message. */
  readonly console: () => string;
  /** Rejects when QEMU ends by itself. */
  readonly ended: Promise<never>;
}

export interface DiskGuestOptions {
  readonly root: string;
  readonly dataSocket: string;
  readonly args: readonly string[];
}

/** A guest on our kernel with `root` as its first disk and the recorded one as its second; power is cut by disposing it. */
export function startDiskGuest({ root, dataSocket, args }: DiskGuestOptions): DiskGuest {
  const commandLine = [
    'console=ttyS0 quiet panic=-1 root=/dev/vda rootfstype=squashfs ro init=/bin/node',
    `-- --experimental-ffi --no-warnings /app/main.mjs ${args.join(' ')}`,
  ].join(' ');
  const qemu = spawn(
    'qemu-system-x86_64',
    [
      ['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1', '-m', '384'],
      ['-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
      ['-kernel', join(import.meta.dirname, '../../../images/prebuilt/x86_64/kernel')],
      ['-append', commandLine],
      ['-drive', `file=${root},format=raw,if=none,id=root,readonly=on`],
      ['-device', 'virtio-blk-pci,drive=root,addr=4'],
      // The write cache of the disk is the recorder's: QEMU passes every write and flush on as it comes.
      ['-drive', `file=nbd:unix:${dataSocket},format=raw,if=none,id=data,cache=none`],
      ['-device', 'virtio-blk-pci,drive=data,addr=5'],
      ['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
      ['-object', 'rng-random,filename=/dev/urandom,id=rng', '-device', 'virtio-rng-pci,rng=rng'],
    ].flat(),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('latin1')).slice(-CONSOLE_MAX_LETTERS);
  };
  qemu.stdout.on('data', keep);
  qemu.stderr.on('data', keep);
  const exit = once(qemu, 'exit');
  const ended = exit.then(() => {
    throw new Error(`the guest ended:\n${output}`);
  });
  ended.catch(() => {});
  return {
    console: () => output,
    ended,
    async [Symbol.asyncDispose]() {
      qemu.kill('SIGKILL');
      await exit;
    },
  };
}

const CONSOLE_MAX_LETTERS = 20_000;
