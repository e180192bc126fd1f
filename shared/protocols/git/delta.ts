/** gitformat-pack "Deltified representation": what an object is made of from another one. */
export interface DeltaSizes {
  readonly baseBytes: number;
  readonly resultBytes: number;
  /** Where the instructions begin. */
  readonly start: number;
}

export function decodeDeltaSizes(delta: Uint8Array): DeltaSizes {
  const base = decodeSize(delta, 0);
  const result = decodeSize(delta, base.end);
  return { baseBytes: base.size, resultBytes: result.size, start: result.end };
}

/** gitformat-pack: seven bits a byte, the lowest first; the highest bit says that more follow. */
function decodeSize(bytes: Uint8Array, offset: number): { readonly size: number; readonly end: number } {
  let size = 0;
  let end = offset;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[end++] ?? 0;
    size += (byte & 0x7f) * scale;
    if ((byte & 0x80) === 0 || end - offset > SIZE_MAX_DIGITS) return { size, end };
  }
}

/** Applies `delta` to `base`; undefined where the two do not fit, or the delta makes something else than it says. */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const { baseBytes, resultBytes, start } = decodeDeltaSizes(delta);
  if (baseBytes !== base.length) return undefined;
  const result = new Uint8Array(resultBytes);
  let size = 0;
  for (let offset = start; offset < delta.length;) {
    const { part, end } = decodeInstruction(base, delta, offset);
    if (part === undefined || size + part.length > resultBytes) return undefined;
    result.set(part, size);
    size += part.length;
    offset = end;
  }
  return size === resultBytes ? result : undefined;
}

/** The bytes that one instruction adds; without `part` it is none. */
function decodeInstruction(
  base: Uint8Array,
  delta: Uint8Array,
  offset: number,
): { readonly part?: Uint8Array; readonly end: number } {
  const code = delta[offset] ?? 0;
  let end = offset + 1;
  if ((code & 0x80) === 0) {
    // "Instruction to add new data"; 0 is reserved.
    const part = delta.subarray(end, end + code);
    return code > 0 && part.length === code ? { part, end: end + code } : { end };
  }
  // "Instruction to copy from base object": four bits say which bytes of the offset follow, three which of the size.
  const number = (bits: number, count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index++)
      if ((bits & (1 << index)) !== 0) value += (delta[end++] ?? 0) * 256 ** index;
    return value;
  };
  const from = number(code & 0x0f, 4);
  const size = number((code >> 4) & 0x07, 3) || 0x10000;
  return from + size <= base.length ? { part: base.subarray(from, from + size), end } : { end };
}

/** Eight bytes of seven bits hold every size that a number can tell exactly. */
const SIZE_MAX_DIGITS = 8;
