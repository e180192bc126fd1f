/** What the rules of RFC 9110 are written against, whatever HTTP version carried it. */
export interface Request {
  /** Case-sensitive, as sent. */
  readonly method: string;
  /** origin-form, absolute-form or `*` (RFC 9112 §3.2); `:path` of HTTP/2 has the same forms. */
  readonly target: string;
  /** Names in lower case; repeated fields joined by ', ' (RFC 9110 §5.3). */
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Response {
  readonly status: number;
  /**
   * Name, value, name, value …: names in lower case, without `date`, `connection` and `transfer-encoding`, which an engine adds.
   * The same answer has the same array: an engine keeps the encoded head by its identity.
   */
  readonly fields: readonly string[];
  /** Views of memory that lives as long as the site: nothing is copied per client. Empty for HEAD, 204 and 304. */
  readonly body: readonly Uint8Array[];
  /** RFC 8297: the fields of a 103 answer each, sent before this one. */
  readonly interim?: readonly (readonly string[])[];
  /** Which of the sites answers, as an index in their table; for the records alone. */
  readonly site?: number;
}

/** One finished exchange, for access log and counters. Plain data. */
export interface Exchange {
  /** Index in the table of sites; -1: none of them. */
  readonly site: number;
  readonly protocol: 'http' | 'http/1.1' | 'h2';
  readonly method: string;
  /** As sent, cut to {@link EXCHANGE_TARGET_MAX} characters. */
  readonly target: string;
  readonly status: number;
  /** Content alone, as far as it went on its way. */
  readonly sentBytes: number;
  readonly durationMs: number;
  /** Wall clock. */
  readonly endMs: number;
  readonly client: string | undefined;
  readonly referrer?: string;
  readonly agent?: string;
}

/** Finished exchanges of one site, protocol and class of status, added up. Plain data. */
export interface ExchangeSum {
  readonly site: number;
  readonly protocol: Exchange['protocol'];
  /** Of the answers. */
  readonly statusClass: StatusClass;
  readonly requests: number;
  readonly sentBytes: number;
}

/** What an engine tells of finished exchanges at a time: all of them in the sums, and some of those whole. */
export interface FinishedExchanges {
  readonly sums: readonly ExchangeSum[];
  readonly exchanges: readonly Exchange[];
}

/** RFC 9110 §15: the first digit; 'other' for what a backend may have instead of one of those. */
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'other';

/** A target of this length tells a person what was asked; attacks are longer. */
export const EXCHANGE_TARGET_MAX = 256;
