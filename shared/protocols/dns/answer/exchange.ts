/** A request and room for its answer; both may stand in larger arrays. */
export interface Exchange {
  request: Uint8Array;
  requestStart: number;
  requestLength: number;
  reply: Uint8Array;
  replyStart: number;
  /** How many bytes the answer may have at most. */
  replyRoom: number;
  /** As `PacketBatch.sources`: the address in 16 bytes, from `sourceStart` on. */
  sources: Uint8Array;
  sourceStart: number;
  /** How it came: a number of `TRANSPORT`. */
  transport: number;
  /** Over TCP or TLS: answers may be long. */
  isStream: boolean;
  /** Inside TLS: answers are padded for who asks for it. */
  isEncrypted: boolean;
  /** How long the connection may be idle in units of 100 ms (RFC 7828 §3.1); 0: nothing is said of it. */
  keepaliveTenths: number;
  /** Its question was counted by who passed it on. */
  isCounted: boolean;
}
