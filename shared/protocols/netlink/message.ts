/**
 * Netlink messages and their attributes (RFC 3549 §2.3.2; Linux uapi linux/netlink.h). Numbers are in host order: both
 * supported architectures are little-endian.
 */
import { concatBytes, viewOf } from '../../base/bytes.ts';

export const MESSAGE_HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
/** NLA_TYPE_MASK: the two highest bits of an attribute's type are flags. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_CREATE = 0x400;
export const NLM_F_DUMP = 0x300;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export type Attribute = readonly [type: number, value: Uint8Array];

/** One message as a datagram. The kernel fills in the sender's port. */
export function encodeMessage(message: NetlinkMessage): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_HEADER_BYTES + message.payload.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, message.type, true);
  view.setUint16(6, message.flags, true);
  view.setUint32(8, message.sequence, true);
  bytes.set(message.payload, MESSAGE_HEADER_BYTES);
  return bytes;
}

/** The messages of one datagram. Reading ends at the first whose length cannot be; payloads share the datagram. */
export function decodeMessages(datagram: Uint8Array): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  const view = viewOf(datagram);
  for (let at = 0; at + MESSAGE_HEADER_BYTES <= datagram.length;) {
    const length = view.getUint32(at, true);
    if (length < MESSAGE_HEADER_BYTES || at + length > datagram.length) break;
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      payload: datagram.subarray(at + MESSAGE_HEADER_BYTES, at + length),
    });
    at += align4(length);
  }
  return messages;
}

export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
  return concatBytes(
    attributes.map(([type, value]) => {
      const bytes = new Uint8Array(align4(ATTRIBUTE_HEADER_BYTES + value.length));
      const view = viewOf(bytes);
      view.setUint16(0, ATTRIBUTE_HEADER_BYTES + value.length, true);
      view.setUint16(2, type, true);
      bytes.set(value, ATTRIBUTE_HEADER_BYTES);
      return bytes;
    }),
  );
}

/** Attributes by type, the last of several equal ones. Reading ends at the first whose length cannot be. */
export function decodeAttributes(bytes: Uint8Array): Map<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let at = 0; at + ATTRIBUTE_HEADER_BYTES <= bytes.length;) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > bytes.length) break;
    const type = view.getUint16(at + 2, true) & ATTRIBUTE_TYPE_MASK;
    attributes.set(type, bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + length));
    at += align4(length);
  }
  return attributes;
}

export function encodeUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  return bytes;
}

export function align4(length: number): number {
  return (length + 3) & ~3;
}
