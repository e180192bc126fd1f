/** RFC 9113 §4.1: length, type, flags and stream identifier before every payload. */
export const FRAME_HEADER_BYTES = 9;

/** RFC 9113 §6.5.2: SETTINGS_MAX_FRAME_SIZE as it begins. We neither offer nor use more: a TLS record holds no more. */
export const PAYLOAD_MAX_BYTES = 16_384;

/** RFC 9113 §6.9.1: no flow-control window may exceed it. */
export const WINDOW_MAX = 0x7fffffff;

/** RFC 9113 §6.9.2: what every window begins with. */
export const WINDOW_INITIAL = 65_535;

/** RFC 9113 §5.1.1: identifiers have 31 bits. */
export const STREAM_ID_MAX = 0x7fffffff;

/** RFC 9113 §6; the last one is RFC 9218 §7.1. */
export const FrameType = {
  DATA: 0x00,
  HEADERS: 0x01,
  PRIORITY: 0x02,
  RST_STREAM: 0x03,
  SETTINGS: 0x04,
  PUSH_PROMISE: 0x05,
  PING: 0x06,
  GOAWAY: 0x07,
  WINDOW_UPDATE: 0x08,
  CONTINUATION: 0x09,
  PRIORITY_UPDATE: 0x10,
} as const;

export const Flag = {
  ACK: 0x01,
  END_STREAM: 0x01,
  END_HEADERS: 0x04,
  PADDED: 0x08,
  PRIORITY: 0x20,
} as const;

/** RFC 9113 §7: what RST_STREAM and GOAWAY say. */
export const ErrorCode = {
  NO_ERROR: 0x00,
  PROTOCOL_ERROR: 0x01,
  INTERNAL_ERROR: 0x02,
  FLOW_CONTROL_ERROR: 0x03,
  SETTINGS_TIMEOUT: 0x04,
  STREAM_CLOSED: 0x05,
  FRAME_SIZE_ERROR: 0x06,
  REFUSED_STREAM: 0x07,
  CANCEL: 0x08,
  COMPRESSION_ERROR: 0x09,
  CONNECT_ERROR: 0x0a,
  ENHANCE_YOUR_CALM: 0x0b,
  INADEQUATE_SECURITY: 0x0c,
  HTTP_1_1_REQUIRED: 0x0d,
} as const;

/** RFC 9113 §6.5.2; the last one is RFC 9218 §2.1. */
export const Setting = {
  HEADER_TABLE_SIZE: 0x01,
  ENABLE_PUSH: 0x02,
  MAX_CONCURRENT_STREAMS: 0x03,
  INITIAL_WINDOW_SIZE: 0x04,
  MAX_FRAME_SIZE: 0x05,
  MAX_HEADER_LIST_SIZE: 0x06,
  NO_RFC7540_PRIORITIES: 0x09,
} as const;

/** Four bytes in network order. */
export function uint32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) * 0x1000000 + uint24At(bytes, at + 1)) >>> 0;
}

/** RFC 9113 §4.1: the first bit of an identifier, and of an increment, is reserved and ignored. */
export function uint31At(bytes: Uint8Array, at: number): number {
  return uint32At(bytes, at) & STREAM_ID_MAX;
}

export function uint24At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
}
