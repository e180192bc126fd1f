import type { Endpoint } from '../../../devices/tcp.ts';
import type { Name } from '../name.ts';
import type { Resolution } from './state.ts';

export type ResolverEvent =
  /** `number` is the shell's, and stands in the answer. `deadlineMs` is monotonic. */
  | {
      readonly kind: 'question';
      readonly number: number;
      readonly name: Name;
      readonly type: number;
      readonly deadlineMs: number;
    }
  /** Nobody waits for the answer any more. */
  | { readonly kind: 'cancel'; readonly number: number }
  /** Came from the server that the query went to, on its socket or connection. */
  | { readonly kind: 'message'; readonly query: number; readonly bytes: Uint8Array }
  /** The query could not be sent, or its connection ended. */
  | { readonly kind: 'failure'; readonly query: number; readonly reason: string }
  | { readonly kind: 'timer' };

export type ResolverAction =
  /** From a port of its own, which nobody can foretell (RFC 5452 §9.2); what comes back is told until the query is closed. */
  | {
      readonly kind: 'send';
      readonly query: number;
      readonly server: Endpoint;
      readonly transport: 'udp' | 'tcp';
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'close'; readonly query: number }
  | { readonly kind: 'answer'; readonly number: number; readonly resolution: Resolution }
  /** A timer event is due then, in place of the one before. */
  | { readonly kind: 'wake'; readonly atMs: number };
