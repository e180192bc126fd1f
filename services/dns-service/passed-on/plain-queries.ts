import type { Clock } from '../../../shared/devices/clock.ts';
import type { PlaneShared } from '../../../shared/devices/udp.ts';
import type { SignOnline } from '../../../shared/protocols/dns/answer/compact-answers.ts';
import {
  createStreamResponder,
  type StreamResponder,
} from '../../../shared/protocols/dns/answer/stream-responder.ts';
import type { Replies } from './handle.ts';
import type { PassedOnHandler, PassedOnRequest } from './request.ts';

export interface PlainQueriesParts {
  readonly compiled: () => PlaneShared;
  readonly sign: SignOnline;
  readonly clock: Clock;
}

/** Answers plain questions that a plane, which knows no keys, passes on: signed ones (TSIG), and those whose answer is to be signed (RFC 9824). */
export class PlainQueries implements PassedOnHandler {
  readonly #parts: PlainQueriesParts;
  readonly #respond: StreamResponder;

  constructor(parts: PlainQueriesParts) {
    this.#parts = parts;
    this.#respond = createStreamResponder({ sign: parts.sign, isSecond: true });
  }

  handle({ message, peer, replyBytesMax }: PassedOnRequest): Replies | undefined {
    const { source, transport } = peer;
    const request = {
      message: message.bytes,
      source,
      ...(transport === 'udp' ? { datagramMaxBytes: replyBytesMax } : { transport }),
    };
    const { compiled, clock } = this.#parts;
    const answer = this.#respond(compiled(), request, clock.now());
    if (answer === 'pass-on') return undefined;
    return answer === undefined ? [] : [answer];
  }
}
