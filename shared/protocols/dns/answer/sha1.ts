/** RFC 3174, block by block over memory that is made once: node:crypto makes objects for every digest, which costs more. */
export class Sha1 {
  /** The digest after {@link end}, as big-endian numbers. */
  readonly digest: Uint32Array = new Uint32Array(5);
  readonly #block = new Uint8Array(64);
  readonly #words = new Int32Array(80);
  #length = 0;

  begin(): void {
    this.digest[0] = 0x6745_2301;
    this.digest[1] = 0xefcd_ab89;
    this.digest[2] = 0x98ba_dcfe;
    this.digest[3] = 0x1032_5476;
    this.digest[4] = 0xc3d2_e1f0;
    this.#length = 0;
  }

  addByte(byte: number): void {
    const at = this.#length++ & 63;
    this.#block[at] = byte;
    if (at === 63) this.#compress();
  }

  /** RFC 3174 §4: a one bit, zeros, and the length in bits, which has 64 bits. */
  end(): void {
    const bits = this.#length * 8;
    this.addByte(0x80);
    while ((this.#length & 63) !== 56) this.addByte(0);
    for (let index = 0; index < 4; index++) this.addByte(0);
    for (let shift = 24; shift >= 0; shift -= 8) this.addByte((bits >>> shift) & 0xff);
  }

  #compress(): void {
    const words = this.#words;
    const block = this.#block;
    for (let index = 0; index < 16; index++) {
      const at = 4 * index;
      words[index] =
        ((block[at] as number) << 24) |
        ((block[at + 1] as number) << 16) |
        ((block[at + 2] as number) << 8) |
        (block[at + 3] as number);
    }
    for (let index = 16; index < 80; index++) {
      const mixed =
        (words[index - 3] as number) ^
        (words[index - 8] as number) ^
        (words[index - 14] as number) ^
        (words[index - 16] as number);
      words[index] = (mixed << 1) | (mixed >>> 31);
    }
    this.#rounds();
  }

  #rounds(): void {
    const digest = this.digest;
    let a = (digest[0] as number) | 0;
    let b = (digest[1] as number) | 0;
    let c = (digest[2] as number) | 0;
    let d = (digest[3] as number) | 0;
    let e = (digest[4] as number) | 0;
    for (let round = 0; round < 80; round++) {
      // RFC 3174 §5: each twenty rounds have a function and a constant of their own.
      let mixed: number;
      if (round < 20) mixed = ((b & c) | (~b & d)) + 0x5a82_7999;
      else if (round < 40) mixed = (b ^ c ^ d) + 0x6ed9_eba1;
      else if (round < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1b_bcdc;
      else mixed = (b ^ c ^ d) + 0xca62_c1d6;
      const next = (((a << 5) | (a >>> 27)) + mixed + e + (this.#words[round] as number)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    digest[0] = (digest[0] as number) + a;
    digest[1] = (digest[1] as number) + b;
    digest[2] = (digest[2] as number) + c;
    digest[3] = (digest[3] as number) + d;
    digest[4] = (digest[4] as number) + e;
  }
}
