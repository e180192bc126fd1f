import { viewOf } from '../../base/bytes.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Devices } from '../../devices/devices.ts';
import type { Endpoint, Flow } from '../../devices/tcp.ts';
import type { UdpSocket } from '../../devices/udp.ts';
import { frameMessage, MessageFrames } from '../../protocols/dns/message-frames.ts';
import { decodeMessage, FLAG, type Message } from '../../protocols/dns/message.ts';
import { isSameEndpoint } from '../../protocols/ip/endpoint.ts';

export type ExchangeDevices = Pick<Devices, 'udp' | 'tcp' | 'clock'>;

/** A datagram is sent this often: RFC 1035 §4.2.1 leaves it to us; loss of three in a row is an outage. */
const ATTEMPTS = 3;
/** RFC 1035 §4.2.1: two to five seconds between retransmissions. */
const ATTEMPT_MS = 2_000;
const TCP_MS = 10_000;

/**
 * Sends one message to one server and gives the answer, by UDP and, where it is cut off there, by TCP.
 * @throws DeviceError `timed-out` and what the devices throw; the signal's reason when aborted.
 */
export async function exchange(
  server: Endpoint,
  request: Uint8Array,
  devices: ExchangeDevices,
  signal?: AbortSignal,
): Promise<Message> {
  const answer = await exchangeUdp(server, request, devices, signal);
  // RFC 2181 §9: a truncated answer is not used but asked for again by TCP.
  return (answer.flags & FLAG.TC) === 0 ? answer : exchangeTcp(server, request, devices, signal);
}

async function exchangeUdp(
  server: Endpoint,
  request: Uint8Array,
  { udp, clock }: ExchangeDevices,
  signal?: AbortSignal,
): Promise<Message> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // A port of its own each time, drawn by the system: RFC 5452 §9.2.
    await using socket = await udp.bind({ host: server.host.includes(':') ? '::' : '0.0.0.0', port: 0 });
    await socket.send(request, server);
    const answer = await withDeadline(clock, ATTEMPT_MS, signal, limit =>
      receiveAnswer(socket, server, request, limit),
    );
    if (answer !== undefined) return answer;
  }
  throw noAnswer(server, ATTEMPTS * ATTEMPT_MS);
}

/** Datagrams that are no answer from that server to this request are passed over: RFC 5452 §9.1. */
async function receiveAnswer(
  socket: UdpSocket,
  server: Endpoint,
  request: Uint8Array,
  signal: AbortSignal,
): Promise<Message> {
  for (;;) {
    const { bytes, source } = await socket.receive(signal);
    if (!isSameEndpoint(source, server)) continue;
    const answer = answerTo(request, bytes);
    if (answer !== undefined) return answer;
  }
}

async function exchangeTcp(
  server: Endpoint,
  request: Uint8Array,
  { tcp, clock }: ExchangeDevices,
  signal?: AbortSignal,
): Promise<Message> {
  const received = await withDeadline(clock, TCP_MS, signal, async limit => {
    const flow = await tcp.connect({ ...server, timeoutMs: TCP_MS, signal: limit });
    const abort = (): void => void flow.destroy();
    limit.addEventListener('abort', abort, { once: true });
    try {
      flow.write(frameMessage(request));
      return await readMessage(flow);
    } finally {
      limit.removeEventListener('abort', abort);
      flow.destroy();
    }
  });
  if (received === undefined) throw noAnswer(server, TCP_MS);
  const answer = answerTo(request, received);
  if (answer === undefined)
    throw new DeviceError('failed', `${formatServer(server)} answers something else by TCP`);
  return answer;
}

async function readMessage(flow: Flow): Promise<Uint8Array> {
  const frames = new MessageFrames();
  for await (const piece of flow) {
    const [message] = frames.take(piece as Uint8Array);
    if (message !== undefined) return message;
  }
  throw new DeviceError('reset', 'the server closed before its answer was whole');
}

/** RFC 1035 §4.1.1: same id, a response, same kind of query. What the question and the signature say is judged further up. */
function answerTo(request: Uint8Array, bytes: Uint8Array): Message | undefined {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return undefined;
  const { id, flags } = decoded.value;
  const asked = viewOf(request);
  const sameOpcode = (flags & OPCODE_BITS) === (asked.getUint16(2) & OPCODE_BITS);
  return id === asked.getUint16(0) && (flags & FLAG.QR) !== 0 && sameOpcode ? decoded.value : undefined;
}

const OPCODE_BITS = 0x7800;

/** undefined when `work` was not done within `ms`. @throws what `work` throws; the signal's reason. */
async function withDeadline<T>(
  clock: Devices['clock'],
  ms: number,
  signal: AbortSignal | undefined,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  signal?.throwIfAborted();
  const limit = new AbortController();
  const onAbort = (): void => limit.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  using _timer = clock.timer(ms, () => limit.abort(TOO_LATE));
  try {
    return await work(limit.signal);
  } catch (error) {
    signal?.throwIfAborted();
    // What was being waited for may fail in its own words when it is cut off.
    if (limit.signal.aborted) return undefined;
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

const TOO_LATE = new DeviceError('timed-out', 'no answer in time');

function noAnswer(server: Endpoint, ms: number): DeviceError {
  return new DeviceError('timed-out', `no answer from ${formatServer(server)} within ${ms / 1000} s`);
}

export function formatServer({ host, port }: Endpoint): string {
  const address = host.includes(':') ? `[${host}]` : host;
  return port === 53 ? address : `${address}:${port}`;
}
