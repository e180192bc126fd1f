/** Copies of these in one SharedArrayBuffer: they are handed to other threads without being copied again. */
export function intoSharedMemory(pieces: readonly Uint8Array[]): Uint8Array<SharedArrayBuffer>[] {
  const memory = new SharedArrayBuffer(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  return pieces.map(bytes => {
    const view = new Uint8Array(memory, offset, bytes.length);
    view.set(bytes);
    offset += bytes.length;
    return view;
  });
}
