import { arch } from 'node:os';

/** The architectures whose structure layouts and system-call numbers are written down in this folder. */
export type Architecture = 'x86_64' | 'aarch64';

/** This machine's architecture by its kernel's name. @throws Error on any other than the two supported. */
export function thisArchitecture(): Architecture {
  switch (arch()) {
    case 'x64':
      return 'x86_64';
    case 'arm64':
      return 'aarch64';
    default:
      throw new Error(`Lares knows the structures of x86_64 and aarch64 alone; this machine is ${arch()}`);
  }
}
