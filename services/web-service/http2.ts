import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Request, Response } from '../../shared/protocols/http/message.ts';
import { refuse } from '../../shared/protocols/http/refuse.ts';
import type { Connection } from './connections.ts';
import { collectContent } from './collect-content.ts';
import { recordOf } from './record-of.ts';
import type { Engine, EngineEvents, Handlers } from './engine.ts';
import {
  HEADER_FIELDS_MAX,
  HEADER_MAX_BYTES,
  INVALID_FRAMES_MAX,
  REJECTED_STREAMS_MAX,
  SESSION_MEMORY_MAX_MB,
  STALL_MAX_MS,
  STREAM_RESETS_BURST,
  STREAM_RESETS_PER_SECOND,
  STREAMS_MAX,
  STREAMS_PER_CONNECTION_MAX,
} from './limits.ts';
import { writeBody } from './write-body.ts';

/** HTTP/2 by node:http2's stream API (its compatibility API is half as fast), fed with flows. */
export function createHttp2Engine(handlers: Handlers, events: EngineEvents): Engine {
  const sessions = new Map<ServerHttp2Session, Connection | undefined>();
  const server = createServer(OPTIONS);
  let accepted: Connection | undefined;
  server.on('session', session => {
    if (accepted !== undefined) countStreams(session, accepted);
    sessions.set(session, accepted);
    session.once('close', () => sessions.delete(session));
    session.on('error', events.malformed);
  });
  server.on('stream', (stream, headers, flags) => {
    stream.on('error', ignoreStreamError);
    if (!stream.destroyed) exchange(stream as ServerHttp2Stream, headers, flags);
  });
  // Without a listener an error of a session would end the process.
  server.on('sessionError', events.malformed);

  function exchange(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number): void {
    const request = { method: headers[':method'] ?? '', target: headers[':path'] ?? '*', fields: headers };
    const answer = handlers.answer(request);
    stream.setTimeout(STALL_MAX_MS, () => stream.close(constants.NGHTTP2_CANCEL));
    if (answer === 'later') void answerLater(request, stream);
    else send(stream, request, answer, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
  }

  function send(stream: ServerHttp2Stream, request: Request, answer: Response, complete: boolean): void {
    if (stream.destroyed || stream.headersSent) return;
    const { status, fields, interim } = answer;
    // Node ends a HEAD answer itself, and a body for one would be an error.
    const body = request.method === 'HEAD' ? [] : answer.body;
    for (const hints of interim ?? []) stream.additionalHeaders({ ':status': 103, ...recordOf(hints) });
    stream.respond([':status', String(status), ...fields], { endStream: body.length === 0 });
    if (body.length > 0) writeBody(stream, body, bytes => connectionOf(stream)?.sent(bytes));
    // RFC 9113 §8.1: after a complete answer NO_ERROR tells the client to stop sending content that nobody reads. In a later
    // turn, since a reset takes back what nghttp2 has not sent yet.
    if (!complete) stream.once('finish', () => setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR)));
    events.answered(status);
  }

  async function answerLater(request: Request, stream: ServerHttp2Stream): Promise<void> {
    const client = stream.session?.socket.remoteAddress;
    try {
      const content = await collectContent(stream);
      const answer = content === 'too-large' ? refuse(413) : await handlers.later(request, content, client);
      send(stream, request, answer, content !== 'too-large');
    } catch (error) {
      // A client that went away is no fault of ours.
      if (stream.destroyed) return;
      events.failed(error);
      send(stream, request, refuse(500), false);
    }
  }

  function connectionOf({ session }: ServerHttp2Stream): Connection | undefined {
    return session === undefined ? undefined : sessions.get(session as ServerHttp2Session);
  }

  return {
    accept(flow, connection) {
      // 'session' is emitted within the call, or not at all where the flow is gone already.
      accepted = connection;
      server.emit('connection', flow);
      accepted = undefined;
    },
    drain() {
      for (const session of sessions.keys()) session.close();
    },
  };
}

const OPTIONS = {
  maxSessionMemory: SESSION_MEMORY_MAX_MB,
  maxHeaderListPairs: HEADER_FIELDS_MAX,
  maxSessionInvalidFrames: INVALID_FRAMES_MAX,
  maxSessionRejectedStreams: REJECTED_STREAMS_MAX,
  streamResetBurst: STREAM_RESETS_BURST,
  streamResetRate: STREAM_RESETS_PER_SECOND,
  settings: { maxConcurrentStreams: STREAMS_MAX, maxHeaderListSize: HEADER_MAX_BYTES, enablePush: false },
} as const;

function countStreams(session: ServerHttp2Session, connection: Connection): void {
  let opened = 0;
  session.on('stream', stream => {
    connection.begin();
    stream.once('close', () => connection.end());
    // RFC 9113 §6.8: GOAWAY lets running streams end and sends the client to a new connection.
    if (++opened >= STREAMS_PER_CONNECTION_MAX) session.close();
  });
}

function ignoreStreamError(): void {
  // A client that gives up, or breaks a rule within its own stream, is no event of ours; nghttp2 has answered it.
}
