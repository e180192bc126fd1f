import { concatBytes, viewOf } from '../../base/bytes.ts';
import { EDNS_OPTION, OPT_FIXED_BYTES, OPTION_FIXED_BYTES, PADDING_BLOCK_BYTES } from './answer/edns.ts';
import { TYPE, type Message } from './message.ts';

/** Whether the message has the padding option: RFC 7830 §4 has its answer padded then. */
export function asksForPadding({ bytes, additionals }: Message): boolean {
  const opt = additionals.find(({ type }) => type === TYPE.OPT);
  if (opt === undefined) return false;
  const view = viewOf(bytes);
  for (let at = opt.dataStart; at + OPTION_FIXED_BYTES <= opt.dataEnd;) {
    if (view.getUint16(at) === EDNS_OPTION.PADDING) return true;
    at += OPTION_FIXED_BYTES + view.getUint16(at + 2);
  }
  return false;
}

export interface Padding {
  /** What is still to follow the message, such as its signature. */
  readonly behindBytes: number;
  /** What the message may have without it. */
  readonly bytesMax: number;
}

/**
 * The message with zeros that make it a multiple of the block of RFC 8467 §4.1, with what is to follow it. As it is where there is no
 * room, or its last record is no OPT record without options.
 */
export function padMessage(message: Uint8Array, { behindBytes, bytesMax }: Padding): Uint8Array {
  const optAt = message.length - OPT_FIXED_BYTES;
  const view = viewOf(message);
  const hasEmptyOpt = view.getUint16(optAt + 1) === TYPE.OPT && view.getUint16(message.length - 2) === 0;
  const least = message.length + OPTION_FIXED_BYTES;
  if (!hasEmptyOpt || least > bytesMax) return message;
  const blocks = Math.ceil((least + behindBytes) / PADDING_BLOCK_BYTES);
  const paddingBytes = Math.min(blocks * PADDING_BLOCK_BYTES - behindBytes, bytesMax) - least;
  const option = new Uint8Array(OPTION_FIXED_BYTES + paddingBytes);
  viewOf(option).setUint16(0, EDNS_OPTION.PADDING);
  viewOf(option).setUint16(2, paddingBytes);
  const padded = concatBytes([message, option]);
  viewOf(padded).setUint16(message.length - 2, option.length);
  return padded;
}
