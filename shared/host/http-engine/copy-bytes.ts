const { copy } = Buffer.prototype;

/** All of `from` to where `at` is in `into`. Uint8Array's own set() takes ten times as long from memory that threads share. */
export function copyBytes(from: Uint8Array, into: Uint8Array, at: number): void {
  copy.call(from, into, at);
}
