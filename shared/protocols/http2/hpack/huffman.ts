import { CODE_BITS, CODES, EOS } from './huffman-code.ts';

/** A step takes half a byte: a code is longer than that, so one step ends at most one symbol, and the table stays in the first-level cache. */
const STEP_BITS = 4;
const STEPS = 1 << STEP_BITS;

/** Nodes of the code's tree that are no leaves: one less than symbols. Another one is where what is no string ends up. */
const NODES = EOS;
const FAILED = NODES;

/** An entry: the symbol that ends in this step, whether one does, and where the entries of the next state begin. */
const ENDS_SYMBOL = 1 << 8;
const NEXT_SHIFT = 9;

/** RFC 7541 §5.2: what is left over at the end is less than a byte. */
const PADDING_MAX_BITS = 7;

const { steps, mayEnd } = buildSteps();

/** The most bytes that so many bytes of code can stand for: no code has less than 5 bits. */
export function huffmanDecodedMax(codedBytes: number): number {
  return Math.ceil((codedBytes * 8) / 5);
}

/** Writes into `into`, from its beginning, what the bytes stand for. The number of bytes written; −1: they are no coded string. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let state = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    let step = steps[state + (byte >>> STEP_BITS)] as number;
    // Written at every step, and kept where a symbol ends: cheaper than to ask first. The symbol is the lowest byte.
    into[length] = step;
    length += (step >>> 8) & 1;
    step = steps[(step >>> NEXT_SHIFT) + (byte & (STEPS - 1))] as number;
    into[length] = step;
    length += (step >>> 8) & 1;
    state = step >>> NEXT_SHIFT;
  }
  return mayEnd[state / STEPS] === 1 ? length : -1;
}

/** Bytes that the characters of `text` take. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let index = 0; index < text.length; index++) bits += CODE_BITS[text.charCodeAt(index)] as number;
  return (bits + 7) >>> 3;
}

/** Writes the code of `text`, whose characters are bytes, into `into` from `start` on: the position after it. */
export function encodeHuffman(text: string, into: Uint8Array, start: number): number {
  let at = start;
  let byte = 0;
  let free = 8;
  for (let index = 0; index < text.length; index++) {
    const symbol = text.charCodeAt(index);
    const code = CODES[symbol] as number;
    for (let left = CODE_BITS[symbol] as number; left > 0;) {
      const taken = Math.min(free, left);
      left -= taken;
      free -= taken;
      byte |= ((code >>> left) & ((1 << taken) - 1)) << free;
      if (free > 0) continue;
      into[at++] = byte;
      byte = 0;
      free = 8;
    }
  }
  // RFC 7541 §5.2: padded with the first bits of EOS, all of which are ones.
  if (free < 8) into[at++] = byte | ((1 << free) - 1);
  return at;
}

function buildSteps(): { readonly steps: Uint32Array; readonly mayEnd: Uint8Array } {
  const tree = buildTree();
  const table = new Uint32Array((NODES + 1) * STEPS);
  for (let node = 0; node <= NODES; node++)
    for (let bits = 0; bits < STEPS; bits++) table[node * STEPS + bits] = stepOf(tree, node, bits);
  const ends = new Uint8Array(NODES + 1);
  let node = 0;
  // RFC 7541 §5.2: padding is the first bits of EOS; more than 7 bits, or other ones, are an error.
  for (let bits = 0; bits <= PADDING_MAX_BITS; bits++, node = tree[node * 2 + 1] as number) ends[node] = 1;
  return { steps: table, mayEnd: ends };
}

function stepOf(tree: Int32Array, from: number, bits: number): number {
  let node = from;
  let symbol = 0;
  for (let bit = STEP_BITS - 1; bit >= 0 && node !== FAILED; bit--) {
    const next = tree[node * 2 + ((bits >>> bit) & 1)] as number;
    node = Math.max(next, 0);
    if (next >= 0) continue;
    symbol = ENDS_SYMBOL | ~next;
    // RFC 7541 §5.2: EOS in a string is an error.
    if (~next === EOS) node = FAILED;
  }
  return ((node * STEPS) << NEXT_SHIFT) | (node === FAILED ? 0 : symbol);
}

/** Two branches a node: another node, or the complement of a symbol. */
function buildTree(): Int32Array {
  const tree = new Int32Array(NODES * 2);
  let nodes = 1;
  CODES.forEach((code, symbol) => {
    let node = 0;
    for (let bit = (CODE_BITS[symbol] as number) - 1; bit > 0; bit--) {
      const branch = node * 2 + ((code >>> bit) & 1);
      // The root is nobody's branch.
      if (tree[branch] === 0) tree[branch] = nodes++;
      node = tree[branch] as number;
    }
    tree[node * 2 + (code & 1)] = ~symbol;
  });
  return tree;
}
