import { decodeLatin1, type Latin1 } from '../http/characters.ts';

/** What an engine may do faster than the language alone. */
export interface Http2Primitives {
  /** Copies all of `from` to where `at` is in `into`. By the language, memory that is shared between threads takes ten times as long. */
  readonly copy: (from: Uint8Array, into: Uint8Array, at: number) => void;
  readonly latin1: Latin1;
}

export const PLAIN_PRIMITIVES: Http2Primitives = {
  copy: (from, into, at) => into.set(from, at),
  latin1: decodeLatin1,
};
