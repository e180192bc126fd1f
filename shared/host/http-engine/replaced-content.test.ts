import { connect } from 'node:tls';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { content, LIMITS } from '../../compliance/http-conversation.ts';
import { complianceHttpPlanes } from '../../compliance/http-planes.ts';
import { testCertificates } from '../../compliance/test-certificates.ts';
import type { HttpContent, HttpServer } from '../../devices/http-engine.ts';
import type { Request } from '../../devices/http-exchange.ts';
import { createHostLog } from '../log.ts';
import { CONTEXT_MAX_AGE_MS } from '../tls-context.ts';
import { Engine } from './engine.ts';
import { createHostHttpEngine } from './http-engine.ts';
import { COUNTERS, DESCRIPTORS_MAX } from './messages.ts';

const entry = new URL('../../../integration/host/http-entry.ts', import.meta.url);
const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function isReleased(reference: WeakRef<object>): Promise<boolean> {
  // What a turn of the event loop has looked at lives as long as it.
  await setImmediate();
  collectGarbage();
  return reference.deref() === undefined;
}

async function serve(first: HttpContent): Promise<HttpServer> {
  const log = createHostLog({ output: false });
  const engine = createHostHttpEngine({ entry, planes: complianceHttpPlanes, log });
  if (engine === undefined) throw new Error('the host has no node:ffi');
  return engine.serve({ host: '::1', port: 0, plane: 'compliance-http', content: first, limits: LIMITS });
}

describe('content that was replaced is let go', () => {
  const repeated: Request = { method: 'GET', target: '/', version: '1.1', fields: {} } as never;

  function makeEngine(first: HttpContent): Engine {
    const data = {
      role: 'http',
      plane: 'state',
      content: first,
      limits: LIMITS,
      listener: { descriptor: -1, family: 'ipv6' },
      wakeDescriptor: -1,
      counters: shared(COUNTERS.length * 8),
      owned: shared(DESCRIPTORS_MAX),
      ticketKeys: new Uint8Array(),
      batches: shared(4),
      records: false,
      placeCounts: undefined,
      handsOver: false,
    } as never;
    const plane = (state: never): never => ({ status: 200, fields: [], body: [state] }) as never;
    return new Engine(data, plane, () => undefined);
  }

  it('by the worker, though its requests are known', async () => {
    let state: Uint8Array | undefined = new Uint8Array(8);
    const reference = new WeakRef(state);
    const engine = makeEngine({ plane: state });
    state = undefined;
    engine.answers.answer(repeated, true);
    expect(await isReleased(reference)).toBe(false);
    engine.update({ plane: new Uint8Array(1) }, new Uint8Array());
    expect(await isReleased(reference)).toBe(true);
    expect(engine.answers.answer(repeated, true)).toMatchObject({ body: [{ length: 1 }] });
  });

  it('by the main thread', async () => {
    let first: HttpContent | undefined = content('hello');
    const reference = new WeakRef(first.plane as object);
    await using server = await serve(first);
    first = undefined;
    expect(await isReleased(reference)).toBe(false);
    await server.update(content('goodbye'));
    expect(await isReleased(reference)).toBe(true);
  });
});

describe('the keys of session tickets', () => {
  afterEach(() => vi.useRealTimers());

  /** TLS 1.2, whose tickets come with the handshake. */
  async function visit(
    { address }: HttpServer,
    session?: Buffer,
  ): Promise<{ session: Buffer | undefined; isResumed: boolean }> {
    const { authorityPem } = testCertificates;
    const socket = connect({
      ...address,
      servername: 'one.test',
      ca: authorityPem,
      maxVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      session,
    });
    await once(socket, 'secureConnect');
    const seen = { session: socket.getSession(), isResumed: socket.isSessionReused() };
    socket.destroy();
    return seen;
  }

  it('are renewed as often as every other context is', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const credentials = new Map([['one.test', testCertificates.one]]);
    await using server = await serve({ ...content('hello'), credentials });
    const { session } = await visit(server);
    expect((await visit(server, session)).isResumed).toBe(true);
    await server.update({ ...content('goodbye'), credentials });
    expect((await visit(server, session)).isResumed).toBe(true);
    vi.advanceTimersByTime(CONTEXT_MAX_AGE_MS);
    // An update comes after the renewal before it.
    await server.update({ ...content('goodbye'), credentials });
    expect((await visit(server, session)).isResumed).toBe(false);
    const renewed = await visit(server);
    expect((await visit(server, renewed.session)).isResumed).toBe(true);
  });
});
