/** What node is started with, in an image and as a process. */
export const NODE_FLAGS: readonly string[] = [
  '--experimental-ffi',
  '--disable-warning=ExperimentalWarning',
  // V8 would keep the heap of an ended thread for the next one until the main thread collects garbage, which one that rests never does:
  // of a large zone that a job has read, more than a gigabyte.
  '--no-memory-pool-share-memory-on-teardown',
];
