import type { Clock } from '../../../shared/devices/clock.ts';
import type { PlaneShared } from '../../../shared/devices/udp.ts';
import { createStreamResponder } from '../../../shared/protocols/dns/answer/stream-responder.ts';
import type { Replies } from './handle.ts';
import type { PassedOnHandler, PassedOnRequest } from './request.ts';

/** Answers plain questions that are signed: the plane, which knows no keys, passes them on. */
export class SignedQueries implements PassedOnHandler {
  readonly #respond = createStreamResponder();
  readonly #compiled: () => PlaneShared;
  readonly #clock: Clock;

  constructor(compiled: () => PlaneShared, clock: Clock) {
    this.#compiled = compiled;
    this.#clock = clock;
  }

  handle({ message, peer, key, replyBytesMax }: PassedOnRequest): Replies | undefined {
    if (key === undefined) return undefined;
    const { source, transport } = peer;
    const request = {
      message: message.bytes,
      source,
      ...(transport === 'udp' ? { datagramMaxBytes: replyBytesMax } : { transport }),
    };
    const answer = this.#respond(this.#compiled(), request, this.#clock.now());
    if (answer === 'pass-on') return undefined;
    return answer === undefined ? [] : [answer];
  }
}
