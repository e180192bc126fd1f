import type { HttpContent, Http2ServeLimits, HttpLimits } from '../../devices/http-engine.ts';
import type { Request, Response } from '../../devices/http-exchange.ts';
import type { Family } from '../ffi/socket-address.ts';
import type { Batch } from './recorder.ts';

export interface HttpWorkerData {
  readonly role: 'http';
  readonly plane: string;
  readonly content: HttpContent;
  /** This worker's share. */
  readonly limits: HttpLimits;
  readonly http2: Http2ServeLimits | undefined;
  readonly listener: { readonly descriptor: number; readonly family: Family };
  readonly wakeDescriptor: number;
  /** Float64: see {@link COUNTERS}. Written by this worker alone. */
  readonly counters: SharedArrayBuffer;
  /** One byte a descriptor, 1 where this worker owns it: what is left of one that fell over is closed by the main thread. */
  readonly owned: SharedArrayBuffer;
  readonly ticketKeys: Uint8Array;
  /** One word: batches of records that the main thread has not taken yet. */
  readonly batches: SharedArrayBuffer;
  readonly records: boolean;
  /** See HttpServeOptions. */
  readonly placeCounts: SharedArrayBuffer | undefined;
  readonly handsOver: boolean;
}

/** An aligned double is written at once on both architectures, so that readers need no lock. */
export const COUNTERS = [
  'open',
  'accepted',
  'evicted',
  'expired',
  'refused',
  'handedOver',
  'handshakes',
  'handshakesFailed',
  'malformed',
  'requests',
  'later',
  'sentBytes',
] as const;
export type Counter = (typeof COUNTERS)[number];

/** Descriptors above are not taken: Node's own default limit of open files is below. */
export const DESCRIPTORS_MAX = 65_536;

export type ToWorker =
  | {
      readonly kind: 'update';
      readonly content: HttpContent;
      readonly ticketKeys: Uint8Array;
      readonly version: number;
    }
  | { readonly kind: 'answer'; readonly id: number; readonly response: Response }
  | { readonly kind: 'close'; readonly drainMs: number };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'updated'; readonly version: number }
  | { readonly kind: 'update-failed'; readonly version: number; readonly reason: string }
  | {
      readonly kind: 'later';
      readonly id: number;
      readonly request: Request;
      readonly content: Uint8Array;
      readonly client: string | undefined;
    }
  | { readonly kind: 'hand-over'; readonly descriptor: number }
  | { readonly kind: 'exchanges'; readonly batch: Batch }
  | { readonly kind: 'threw'; readonly name: string; readonly message: string; readonly times: number };
