import { CR, IS_TOKEN, IS_VALUE, LF, SP, TAB } from '../http/characters.ts';

/** Chunk extensions mean nothing here; nobody sends more, but endless ones would cost for ever. For one message. */
const EXTENSIONS_MAX_BYTES = 4 * 1024;

/** Trailers are read and left out (RFC 9112 §7.1.2 allows that). For one message. */
const TRAILERS_MAX_BYTES = 8 * 1024;

/** 2^48 bytes in one chunk; more hexadecimal digits would not fit in a number. */
const SIZE_DIGITS_MAX = 12;

type State = 'size' | 'extension' | 'size LF' | 'data' | 'data CR' | 'data LF' | 'trailer' | 'end LF';

/**
 * RFC 9112 §7.1: reads chunked content byte by byte, exactly: CRLF alone ends a line, since a proxy before us may read a bare LF otherwise.
 * Sizes are of at most 12 digits.
 */
export class ChunkedReader {
  /** The content in what the last {@link read} took: the part of its bytes from `dataStart` to `dataEnd`. */
  dataStart = 0;
  dataEnd = 0;
  done = false;
  failed = false;
  #state: State = 'size';
  #digits = 0;
  #size = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;
  /** Of the trailer line that is being read, up to two bytes: what it began with and what came last. */
  #lineBytes = 0;
  #previous = 0;

  /** Reads until there is content, the end, a fault, or nothing more; where it stopped. */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.dataStart = this.dataEnd = start;
    let index = start;
    while (index < end) {
      if (this.#state === 'data') return this.#takeData(index, end);
      if (!this.#step(bytes[index++] as number)) {
        this.failed = true;
        return index;
      }
      if (this.done) return index;
    }
    return index;
  }

  #takeData(start: number, end: number): number {
    const taken = Math.min(this.#size, end - start);
    this.#size -= taken;
    this.dataStart = start;
    this.dataEnd = start + taken;
    if (this.#size === 0) this.#state = 'data CR';
    return start + taken;
  }

  /** Takes one byte outside of data; false where it may not stand there. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case 'size':
        return this.#stepSize(byte);
      case 'extension':
        if (byte === CR) return this.#go('size LF');
        return IS_VALUE[byte] === 1 && ++this.#extensionBytes <= EXTENSIONS_MAX_BYTES;
      case 'size LF':
        return byte === LF && this.#go(this.#size > 0 ? 'data' : 'trailer');
      case 'data CR':
        return byte === CR && this.#go('data LF');
      case 'data LF':
        this.#digits = 0;
        return byte === LF && this.#go('size');
      case 'trailer':
        return this.#stepTrailer(byte);
      case 'end LF':
        this.done = byte === LF;
        return this.done;
      case 'data':
        return false;
    }
  }

  #stepSize(byte: number): boolean {
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    if (!Number.isNaN(digit)) {
      this.#size = this.#digits === 0 ? digit : this.#size * 16 + digit;
      return ++this.#digits <= SIZE_DIGITS_MAX;
    }
    if (this.#digits === 0) return false;
    if (byte === CR) return this.#go('size LF');
    // RFC 9112 §7.1.1: BWS before the semicolon is to be taken.
    return (byte === 0x3b || byte === SP || byte === TAB) && this.#go('extension');
  }

  #stepTrailer(byte: number): boolean {
    const previous = this.#previous;
    this.#previous = byte;
    if (++this.#trailerBytes > TRAILERS_MAX_BYTES) return false;
    if (this.#lineBytes === 0 && byte === CR) return this.#go('end LF');
    if (previous === CR) {
      this.#lineBytes = 0;
      return byte === LF;
    }
    if (byte === CR) return true;
    // A trailer line begins by a name, as any field line.
    return this.#lineBytes++ === 0 ? IS_TOKEN[byte] === 1 : IS_VALUE[byte] === 1;
  }

  #go(state: State): true {
    this.#state = state;
    return true;
  }
}
