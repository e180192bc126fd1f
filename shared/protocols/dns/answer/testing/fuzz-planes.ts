import fc from 'fast-check';
import { createStreamResponder } from '../stream-responder.ts';
import { send, SOURCE } from './ask.ts';
import { checkReply } from './check-reply.ts';
import { compileExample } from './example-zone.ts';
import { hostileRequests } from './hostile-requests.ts';

const TRANSPORTS = ['tcp', 'tls'] as const;

/** Puts that many hostile requests to the plane and to the responder for streams. @throws where one throws, or sends what it may not. */
export function fuzzPlanes(seed: number, requests: number): void {
  const shared = compileExample();
  const respond = createStreamResponder({ idleMs: 10_000 });
  const property = fc.property(hostileRequests, request => {
    const datagram = send(shared, request);
    if (datagram instanceof Uint8Array) checkReply(request, datagram, 'udp');
    for (const transport of TRANSPORTS) {
      const reply = respond(shared, { message: request, source: SOURCE, transport }, 0);
      if (reply instanceof Uint8Array) checkReply(request, reply, 'stream');
    }
  });
  fc.assert(property, { seed, numRuns: requests });
}
