/** What the one who serves decides; the other limits are the constants below. */
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

/**
 * Frames that ask for work and bring no request: SETTINGS, PING, PRIORITY, WINDOW_UPDATE, empty DATA, unknown types. A page of a hundred
 * streams, each with its priority, windows and end told apart, fits in.
 */
export const IDLE_FRAMES_BURST = 1000;

/** A client that pings and opens windows by habit needs a few; at this rate they cost a thousandth of a processor. */
export const IDLE_FRAMES_PER_SECOND = 250;

/** A request is worth some: its priority, window updates, pings for round trips. */
export const IDLE_FRAMES_PER_REQUEST = 8;

/** The simplest of clients answers each DATA frame by two WINDOW_UPDATE; others send a tenth of it. */
export const IDLE_FRAMES_PER_CONTENT = 4;

/** A DATA frame below earns nothing: windows opened by single bytes (CVE-2019-9511) are paid from the burst. */
export const DATA_WORTH_MIN_BYTES = 256;

/** In less room at the end of a record a DATA frame is not begun: the next record takes it whole. */
export const DATA_ROOM_MIN_BYTES = 1024;

/** Acknowledgements and resets that the peer does not take: about a thousand. */
export const CONTROL_MAX_BYTES = 16_384;

/** A header block as sent, beside the limit of the list it stands for: enough for a list that is answered 431. */
export const BLOCK_BYTES_PER_LIST_BYTE = 2;

/** CONTINUATION frames of one block. Clients fill frames of 16 KiB; the largest block that is taken needs a few. */
export const CONTINUATIONS_MAX = 16;

/** Entries of one SETTINGS frame: there are seven settings. Each INITIAL_WINDOW_SIZE changes every stream. */
export const SETTINGS_ENTRIES_MAX = 32;
