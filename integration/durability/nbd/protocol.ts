/**
 * The part of the NBD protocol that QEMU needs of a server: fixed newstyle negotiation and simple replies.
 * https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
 */
import { viewOf } from '../../../shared/base/bytes.ts';

export const COMMAND = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
const OPTION_GO = 7;
const OPTION_INFO = 6;
const OPTION_ABORT = 2;

const GREETING_MAGIC = 0x4e42444d41474943n; // NBDMAGIC
const OPTION_MAGIC = 0x49484156454f5054n; // IHAVEOPT
const OPTION_REPLY_MAGIC = 0x3e889045565a9n;
const REQUEST_MAGIC = 0x25609513;
const REPLY_MAGIC = 0x67446698;

const FIXED_NEWSTYLE_NO_ZEROES = 0b11;
/** HAS_FLAGS, SEND_FLUSH, SEND_FUA. */
const TRANSMISSION_FLAGS = 0b1101;
const COMMAND_FLAG_FUA = 1;

const REPLY_ACK = 1;
const REPLY_INFO = 3;
const REPLY_UNSUPPORTED = 0x8000_0001;

export interface Request {
  readonly type: number;
  readonly fua: boolean;
  readonly handle: bigint;
  readonly offset: number;
  readonly length: number;
}

export function encodeGreeting(): Uint8Array {
  const bytes = new Uint8Array(18);
  const view = viewOf(bytes);
  view.setBigUint64(0, GREETING_MAGIC);
  view.setBigUint64(8, OPTION_MAGIC);
  view.setUint16(16, FIXED_NEWSTYLE_NO_ZEROES);
  return bytes;
}

export const CLIENT_FLAGS_BYTES = 4;
export const OPTION_HEADER_BYTES = 16;
export const REQUEST_BYTES = 28;

export function decodeOptionHeader(bytes: Uint8Array): { option: number; length: number } {
  const view = viewOf(bytes);
  if (view.getBigUint64(0) !== OPTION_MAGIC) throw new Error('NBD: not an option');
  return { option: view.getUint32(8), length: view.getUint32(12) };
}

export interface OptionAnswer {
  readonly bytes: readonly Uint8Array[];
  readonly next: 'more options' | 'transmission' | 'end';
}

/** There is one export, whatever name the client asks for. */
export function answerOption(option: number, sizeBytes: number): OptionAnswer {
  if (option === OPTION_ABORT) return { bytes: [encodeOptionReply(option, REPLY_ACK)], next: 'end' };
  if (option !== OPTION_GO && option !== OPTION_INFO)
    return { bytes: [encodeOptionReply(option, REPLY_UNSUPPORTED)], next: 'more options' };
  const info = new Uint8Array(12);
  // NBD_INFO_EXPORT is 0 and stands in the first two bytes.
  viewOf(info).setBigUint64(2, BigInt(sizeBytes));
  viewOf(info).setUint16(10, TRANSMISSION_FLAGS);
  return {
    bytes: [encodeOptionReply(option, REPLY_INFO, info), encodeOptionReply(option, REPLY_ACK)],
    next: option === OPTION_GO ? 'transmission' : 'more options',
  };
}

function encodeOptionReply(option: number, type: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(20 + data.length);
  const view = viewOf(bytes);
  view.setBigUint64(0, OPTION_REPLY_MAGIC);
  view.setUint32(8, option);
  view.setUint32(12, type);
  view.setUint32(16, data.length);
  bytes.set(data, 20);
  return bytes;
}

export function decodeRequest(bytes: Uint8Array): Request {
  const view = viewOf(bytes);
  if (view.getUint32(0) !== REQUEST_MAGIC) throw new Error('NBD: not a request');
  return {
    fua: (view.getUint16(4) & COMMAND_FLAG_FUA) !== 0,
    type: view.getUint16(6),
    handle: view.getBigUint64(8),
    offset: Number(view.getBigUint64(16)),
    length: view.getUint32(24),
  };
}

/** `error` is an errno, 0 for success. */
export function encodeReply(handle: bigint, error: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = viewOf(bytes);
  view.setUint32(0, REPLY_MAGIC);
  view.setUint32(4, error);
  view.setBigUint64(8, handle);
  return bytes;
}
