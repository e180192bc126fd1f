import type { ErrorCode } from './frame.ts';

type Code = (typeof ErrorCode)[keyof typeof ErrorCode];

/** What the peer did wrong and how far it reaches (RFC 9113 §5.4). */
export interface Fault {
  /** RFC 9113 §5.4.1: a connection error ends everything; §5.4.2: a stream error ends that stream. */
  readonly scope: 'connection' | 'stream';
  readonly code: Code;
  /** For people: goes into the debug data of GOAWAY. */
  readonly reason: string;
}

export function connectionFault(code: Code, reason: string): Fault {
  return { scope: 'connection', code, reason };
}

export function streamFault(code: Code, reason: string): Fault {
  return { scope: 'stream', code, reason };
}
