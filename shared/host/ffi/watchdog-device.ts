import { checkResult, processLibrary } from './library.ts';

/** Linux uapi linux/watchdog.h: _IOWR('W', 6, int), the same on x86_64 and aarch64. */
const WDIOC_SETTIMEOUT = 0xc0045706;

const ioctl = processLibrary.getFunction('ioctl', { arguments: ['i32', 'u64', 'pointer'], return: 'i32' });

/** Asks for a timeout; the hardware may round. Gives what it took. @throws SystemCallError */
export function setWatchdogTimeout(descriptor: number, seconds: number): number {
  const value = Buffer.alloc(4);
  value.writeInt32LE(seconds);
  checkResult(ioctl(descriptor, BigInt(WDIOC_SETTIMEOUT), value), 'ioctl', 'WDIOC_SETTIMEOUT');
  return value.readInt32LE();
}
