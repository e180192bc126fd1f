import type { Message } from '../../../shared/protocols/dns/message.ts';
import type { TsigKey } from '../../../shared/protocols/dns/tsig-mac.ts';
import type { Peer, Replies } from './handle.ts';

/** A message that the plane did not answer, its signature taken off. */
export interface PassedOnRequest {
  readonly message: Message;
  readonly peer: Peer;
  /** That signed the message; its signature holds. */
  readonly key: TsigKey | undefined;
  /** What one reply may have; there is room for a signature beside. */
  readonly replyBytesMax: number;
}

export interface PassedOnHandler {
  /** undefined: it is not for this handler. Never throws and never rejects. */
  handle(request: PassedOnRequest): Replies | Promise<Replies> | undefined;
}
