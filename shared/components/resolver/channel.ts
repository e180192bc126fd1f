import type { Devices } from '../../devices/devices.ts';
import { MessageFrames, frameMessage } from '../../protocols/dns/message-frames.ts';
import type { ResolverAction } from '../../protocols/dns/resolver/event.ts';
import { isSameEndpoint } from '../../protocols/ip/endpoint.ts';

export type ChannelDevices = Pick<Devices, 'udp' | 'tcp'>;
type Send = Extract<ResolverAction, { kind: 'send' }>;

/** Gets what comes for one query. */
export interface ChannelEvents {
  onMessage(bytes: Uint8Array): void;
  /** Called once at most; nothing comes after it. */
  onFailure(reason: string): void;
}

/** Sends the query and tells what comes back, until the signal ends it. */
export async function runChannel(
  query: Send,
  devices: ChannelDevices,
  events: ChannelEvents,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (query.transport === 'udp') await runUdp(query, devices, events, signal);
    else await runTcp(query, devices, events, signal);
  } catch (error) {
    if (!signal.aborted) events.onFailure(error instanceof Error ? error.message : String(error));
  }
}

async function runUdp(
  { server, bytes }: Send,
  { udp }: ChannelDevices,
  events: ChannelEvents,
  signal: AbortSignal,
): Promise<void> {
  // RFC 5452 §9.2: a port of its own for each query, drawn by the system.
  await using socket = await udp.bind({ host: server.host.includes(':') ? '::' : '0.0.0.0', port: 0 });
  await socket.send(bytes, server);
  for (;;) {
    const datagram = await socket.receive(signal);
    // RFC 5452 §9.1: answers come from where the query went to.
    if (isSameEndpoint(datagram.source, server)) events.onMessage(datagram.bytes);
  }
}

async function runTcp(
  { server, bytes }: Send,
  { tcp }: ChannelDevices,
  events: ChannelEvents,
  signal: AbortSignal,
): Promise<void> {
  const flow = await tcp.connect({ ...server, signal });
  const abort = (): void => void flow.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    flow.write(frameMessage(bytes));
    const frames = new MessageFrames();
    for await (const piece of flow) for (const message of frames.take(piece)) events.onMessage(message);
    events.onFailure('the server closed before its answer was whole');
  } finally {
    signal.removeEventListener('abort', abort);
    flow.destroy();
  }
}
