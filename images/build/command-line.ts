import { NODE_FLAGS } from './node-flags.ts';

export interface CommandLineOptions {
  readonly version: string;
  readonly debug: boolean;
}

/**
 * The kernel's command line but for `root=`, which depends on the disk. What follows `--` becomes node's arguments; a
 * word with `=` and no dot before it that the kernel does not know becomes a variable of node's environment.
 */
export function formatCommandLine({ version, debug }: CommandLineOptions): string {
  const kernel = [
    'ro rootfstype=squashfs rootwait init=/bin/node',
    // Both a screen and a serial line show what happens; the last one named is /dev/console.
    'console=tty0 console=ttyS0,115200',
    // A serial line takes a second for what the kernel says in ten; `quiet` keeps warnings and errors.
    'quiet',
    // A panic is the end of PID 1, and the way back to the other slot.
    'panic=10 oops=panic',
    `LARES_VERSION=${version}`,
  ];
  const debugging = debug ? ['--enable-source-maps', `--inspect=0.0.0.0:${DEBUG_PORT}`] : [];
  return [...kernel, '--', ...NODE_FLAGS, ...debugging, '/app/main.mjs'].join(' ');
}

/** Node's own default, and what the editor's attach configuration names. */
export const DEBUG_PORT = 9229;
