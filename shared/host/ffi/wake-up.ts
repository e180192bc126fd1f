import { closeSync } from 'node:fs';
import { checkResult, processLibrary } from './library.ts';

const EFD_NONBLOCK = 0x800;
const EFD_CLOEXEC = 0x80000;

const calls = processLibrary.getFunctions({
  eventfd: { arguments: ['u32', 'i32'], return: 'i32' },
  eventfd_write: { arguments: ['i32', 'u64'], return: 'i32' },
});

/** Wakes every thread that polls its descriptor, once and for all. */
export interface WakeUp extends Disposable {
  readonly descriptor: number;
  wake(): void;
}

export function createWakeUp(): WakeUp {
  const descriptor = checkResult(calls.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), 'eventfd');
  return {
    descriptor,
    wake: () => void checkResult(calls.eventfd_write(descriptor, 1n), 'eventfd_write'),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
