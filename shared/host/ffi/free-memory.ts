import { processLibrary } from './library.ts';

const { malloc_trim } = processLibrary.getFunctions({
  malloc_trim: { arguments: ['u64'], return: 'i32' },
});

/** malloc_trim(3): what was freed in any thread, and glibc keeps for the next who asks, goes back to the system. Takes milliseconds. */
export function giveBackFreeMemory(): void {
  malloc_trim(0n);
}
