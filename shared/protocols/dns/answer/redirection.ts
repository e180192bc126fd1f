import type { AskedName } from '../compiled/asked-name.ts';
import { CLASS_IN, TYPE } from '../message.ts';
import { NAME_MAX_BYTES } from '../name.ts';
import { RECORD_BYTES, SECTION, type Reply } from './reply.ts';

/** The DNAME records that a reply has already: where aliases come back to one, it is not sent again. */
export class Redirections {
  readonly #nodes: Uint32Array;
  readonly #positions: Uint32Array;
  #count = 0;

  constructor(max: number) {
    this.#nodes = new Uint32Array(max);
    this.#positions = new Uint32Array(max);
  }

  clear(): void {
    this.#count = 0;
  }

  /** Where the node's DNAME begins in the reply, or 0. */
  find(node: number): number {
    for (let index = 0; index < this.#count; index++)
      if (this.#nodes[index] === node) return this.#positions[index] as number;
    return 0;
  }

  note(node: number, position: number): void {
    this.#nodes[this.#count] = node;
    this.#positions[this.#count++] = position;
  }
}

/** A DNAME that the reply has: its owner is the asked name's ancestor of `depth` labels. */
interface Redirection {
  readonly depth: number;
  /** Where the DNAME record begins in the reply. */
  readonly redirection: number;
}

/** RFC 6672 §2.2: whether the name with its end replaced is no domain name any more. */
export function isTooLong(reply: Reply, name: AskedName, { depth, redirection }: Redirection): boolean {
  return prefixBytes(name, depth) + reply.get16(redirection + RECORD_BYTES - 2) > NAME_MAX_BYTES;
}

/** RFC 6672 §3.1: adds the CNAME that the DNAME stands for. Gives where its target stands, or 0 where there is no room. */
export function putSynthesizedAlias(
  reply: Reply,
  name: AskedName,
  { depth, redirection }: Redirection,
): number {
  const start = reply.position;
  const dataBytes = prefixBytes(name, depth) + 2;
  if (start + RECORD_BYTES + dataBytes > reply.limit) return 0;
  reply.setPointer(start, name.positions[name.labels] as number);
  reply.set16(start + 2, TYPE.CNAME);
  reply.set16(start + 4, CLASS_IN);
  // RFC 6672 §3.1: the TTL is the DNAME's.
  reply.set16(start + 6, reply.get16(redirection + 6));
  reply.set16(start + 8, reply.get16(redirection + 8));
  reply.set16(start + 10, dataBytes);
  reply.position += RECORD_BYTES;
  for (let label = name.labels; label > depth; label--) {
    const at = reply.start + (name.positions[label] as number);
    reply.copy(reply.bytes, at, 1 + (reply.bytes[at] as number));
  }
  reply.setPointer(reply.position, redirection + RECORD_BYTES);
  reply.position += 2;
  reply.add(SECTION.ANSWER, 1);
  return start + RECORD_BYTES;
}

/** The labels before the DNAME's owner. */
function prefixBytes(name: AskedName, depth: number): number {
  return (name.ends[name.labels] as number) - (name.ends[depth] as number);
}
