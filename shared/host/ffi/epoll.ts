import { getRawPointer } from 'node:ffi';
import { assert } from '../../base/assert.ts';
import { thisArchitecture, type Architecture } from './architecture.ts';
import { checkResult, EINTR, lastErrno, processLibrary, SystemCallError } from './library.ts';

export const EPOLL = { IN: 0x1, OUT: 0x4, ERR: 0x8, HUP: 0x10, RDHUP: 0x2000, ET: 0x8000_0000 } as const;

const EPOLL_CLOEXEC = 0x80000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;

/** struct epoll_event: linux/eventpoll.h packs it on x86-64 alone. */
export const epollEventLayouts: Readonly<
  Record<Architecture, { readonly bytes: number; readonly events: number; readonly data: number }>
> = {
  x86_64: { bytes: 12, events: 0, data: 4 },
  aarch64: { bytes: 16, events: 0, data: 8 },
};

const calls = processLibrary.getFunctions({
  epoll_create1: { arguments: ['i32'], return: 'i32' },
  epoll_ctl: { arguments: ['i32', 'i32', 'i32', 'pointer'], return: 'i32' },
  close: { arguments: ['i32'], return: 'i32' },
  epoll_wait: { arguments: ['i32', 'u64', 'i32', 'i32'], return: 'i32' },
});

/** Tells which of many descriptors have something to do. Its memory is held as long as it is. */
export class Epoll implements Disposable {
  readonly descriptor: number = checkResult(calls.epoll_create1(EPOLL_CLOEXEC), 'epoll_create1');
  readonly #layout = epollEventLayouts[thisArchitecture()];
  readonly #max: number;
  readonly #view: DataView;
  readonly #address: bigint;
  readonly #change: DataView;
  readonly #changeAddress: bigint;

  /** Gives at most `max` events at a time. */
  constructor(max: number) {
    assert(max > 0, 'there is room for events');
    this.#max = max;
    this.#view = new DataView(new ArrayBuffer(max * this.#layout.bytes));
    this.#address = getRawPointer(this.#view.buffer as ArrayBuffer);
    this.#change = new DataView(new ArrayBuffer(this.#layout.bytes));
    this.#changeAddress = getRawPointer(this.#change.buffer as ArrayBuffer);
  }

  /** @throws SystemCallError */
  add(descriptor: number, events: number): void {
    this.#change.setUint32(this.#layout.events, events, true);
    this.#change.setInt32(this.#layout.data, descriptor, true);
    const result = calls.epoll_ctl(this.descriptor, EPOLL_CTL_ADD, descriptor, this.#changeAddress);
    checkResult(result, 'epoll_ctl', 'add');
  }

  /** Needed only where the descriptor lives on elsewhere: closing it removes it. @throws SystemCallError */
  remove(descriptor: number): void {
    const result = calls.epoll_ctl(this.descriptor, EPOLL_CTL_DEL, descriptor, this.#changeAddress);
    checkResult(result, 'epoll_ctl', 'remove');
  }

  /** Waits for events, at most `timeoutMs`: how many there are. @throws SystemCallError */
  wait(timeoutMs: number): number {
    const count = calls.epoll_wait(this.descriptor, this.#address, this.#max, timeoutMs);
    if (count >= 0) return count;
    const errno = lastErrno();
    if (errno !== EINTR) throw new SystemCallError('epoll_wait', errno, '');
    return 0;
  }

  /** Closes its own descriptor, not those it watched. */
  [Symbol.dispose](): void {
    // Node would warn: it opened nothing of that number on this thread.
    calls.close(this.descriptor);
  }

  /** Of event `index` of the last wait. */
  eventsAt(index: number): number {
    return this.#view.getUint32(index * this.#layout.bytes + this.#layout.events, true);
  }

  descriptorAt(index: number): number {
    return this.#view.getInt32(index * this.#layout.bytes + this.#layout.data, true);
  }
}
