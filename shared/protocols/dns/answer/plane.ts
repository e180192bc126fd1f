import { SOURCE_BYTES, type DataPlane } from '../../../devices/udp.ts';
import { Directory } from '../compiled/directory.ts';
import type { Exchange } from './exchange.ts';
import { TRANSPORT } from '../compiled/query-counts.ts';
import { RateLimiter } from './rate-limiter.ts';
import { Responder } from './responder.ts';

/** A plane that answers from what `compileDirectory` made. It keeps the accounts of its rate limit, so each worker makes its own. */
export function createDnsPlane(): DataPlane {
  const responder = new Responder({ limiter: new RateLimiter() });
  const none = new Uint8Array();
  const exchange: Exchange = {
    request: none,
    requestStart: 0,
    requestLength: 0,
    reply: none,
    replyStart: 0,
    replyRoom: 0,
    sources: none,
    sourceStart: 0,
    transport: TRANSPORT.udp,
    isStream: false,
    isEncrypted: false,
    // RFC 7828 §3.3.1: over UDP the option is ignored.
    keepaliveTenths: 0,
    isCounted: false,
  };
  let directory: Directory | undefined;
  return (batch, shared, nowMs) => {
    if (directory?.shared !== shared) directory = new Directory(shared);
    exchange.request = batch.requests;
    exchange.reply = batch.replies;
    exchange.replyRoom = batch.slotBytes;
    exchange.sources = batch.sources;
    for (let index = 0; index < batch.count; index++) {
      exchange.requestStart = exchange.replyStart = index * batch.slotBytes;
      exchange.requestLength = batch.requestLengths[index] as number;
      exchange.sourceStart = index * SOURCE_BYTES;
      batch.replyLengths[index] = responder.respond(directory, exchange, nowMs);
    }
  };
}
