/** What the one who serves decides; every other limit is a constant below. */
export interface Http2Limits {
  /** Of a header section as RFC 9113 §6.5.2 counts it; told to the peer as SETTINGS_MAX_HEADER_LIST_SIZE. Above: 431. */
  readonly headerBytes: number;
  readonly headerFields: number;
  /** SETTINGS_MAX_CONCURRENT_STREAMS. A stream above is refused by REFUSED_STREAM. */
  readonly streamsMax: number;
  /** Then the connection is drained, so that what it holds does not grow for ever. */
  readonly streamsPerConnectionMax: number;
  /** Streams that the peer resets, or that we reset for its fault: so many at once, and so many more a second. Above: ENHANCE_YOUR_CALM. */
  readonly resetsBurst: number;
  readonly resetsPerSecond: number;
}
