/** Unpredictable bytes: from the operating system on a host, from the seed in simulation. */
export interface Random {
  /** `count` fresh bytes; the array is the caller's. `count` is a whole number of at most 65,536. */
  bytes(count: number): Uint8Array<ArrayBuffer>;
}

/** Randomness fit for keys. Only the operating system's is; asking for this type keeps a seeded one out. */
export interface SecureRandom extends Random {
  readonly secure: true;
}
