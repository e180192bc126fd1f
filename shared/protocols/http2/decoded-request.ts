import type { Request } from '../../devices/http-exchange.ts';
import type { Priority } from './priority.ts';

export interface RequestMessage {
  readonly kind: 'request';
  readonly request: Request;
  /** As the client told it: what comes in DATA frames must be as much (RFC 9113 §8.1.1). */
  readonly contentLength: number | undefined;
  /** RFC 9110 §10.1.1: the client waits for 100 before it sends its content. */
  readonly expectsContinue: boolean;
  /** Whether the same block came before; {@link request} is then the same object. */
  readonly isRepeated: boolean;
  readonly priority: Priority;
}

/** What a header block that opens a stream comes to. */
export type DecodedRequest =
  | RequestMessage
  /** RFC 9113 §8.1.1: a stream error PROTOCOL_ERROR. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** RFC 6585 §5: 431 for this stream. */
  | { readonly kind: 'too-large' }
  /** RFC 9113 §4.3: a connection error COMPRESSION_ERROR. */
  | { readonly kind: 'compression'; readonly reason: string };
