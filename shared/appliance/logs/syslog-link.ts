import type { Devices } from '../../devices/devices.ts';
import type { Flow } from '../../devices/tcp.ts';
import { frameSyslogMessage } from '../../protocols/syslog/message.ts';
import { INITIAL_SENDER, step, type SenderAction, type SenderEvent } from '../../protocols/syslog/sender.ts';

export interface SyslogTarget {
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly pinnedSha256: string | undefined;
}

/** Takes encoded messages; says when the way to the receiver breaks and mends. */
export interface SyslogLink extends AsyncDisposable {
  send(message: Uint8Array): void;
}

type LinkDevices = Pick<Devices, 'clock' | 'random' | 'tcp' | 'tls' | 'udp' | 'resolver'>;

export interface LinkEvents {
  readonly up: () => void;
  readonly down: (why: string) => void;
  readonly dropped: (count: number) => void;
}

/** A send that the network takes no more of is a broken one: the queue behind it is bounded, time is too. */
const WRITE_TIMEOUT_MS = 60_000;
/** What is still to be sent at the end gets this long. */
const DRAIN_MS = 2_000;

/** RFC 6587 (TCP, octet counting) or RFC 5425 (TLS): one connection, kept while it works. */
export function createStreamLink(devices: LinkDevices, target: SyslogTarget, events: LinkEvents): SyslogLink {
  let state = INITIAL_SENDER;
  let flow: Flow | undefined;
  let isClosed = false;
  const handle = (event: SenderEvent): void => {
    if (isClosed) return;
    const next = step(state, event);
    state = next.state;
    for (const action of next.actions) perform(action);
  };
  const failed = (broken: Flow | undefined, why: string): void => {
    if (broken !== flow) return;
    flow?.destroy();
    flow = undefined;
    events.down(why);
    handle({ kind: 'failed', random: (devices.random.bytes(1)[0] ?? 0) / 256 });
  };
  const connect = async (): Promise<void> => {
    try {
      const connected = await openFlow(devices, target);
      if (isClosed) return void connected.destroy();
      flow = connected;
      // RFC 6587 §3.1: only the sender closes; a receiver that ended its side reads no more.
      connected.on('end', () => failed(connected, 'the receiver closed the connection'));
      connected.on('close', () => failed(connected, 'the receiver closed the connection'));
      connected.on('timeout', () => state.writing > 0 && failed(connected, 'the receiver takes nothing'));
      connected.setTimeout(WRITE_TIMEOUT_MS);
      // RFC 6587 §3.1: the receiver sends nothing; what it sends is thrown away so that its end is noticed.
      connected.resume();
      events.up();
      handle({ kind: 'connected' });
    } catch (error) {
      failed(undefined, (error as Error).message);
    }
  };
  const perform = (action: SenderAction): void => {
    if (action.kind === 'connect') void connect();
    else if (action.kind === 'wait') devices.clock.timer(action.ms, () => handle({ kind: 'retry' }));
    else if (action.kind === 'report-dropped') events.dropped(action.count);
    else {
      const used = flow;
      used?.write(action.frame, error => {
        if (!error && used === flow) handle({ kind: 'written' });
      });
    }
  };
  return {
    send: message => handle({ kind: 'message', frame: frameSyslogMessage(message) }),
    async [Symbol.asyncDispose]() {
      const deadline = devices.clock.monotonic() + DRAIN_MS;
      while (state.link === 'open' && state.queue.length > 0 && devices.clock.monotonic() < deadline)
        await devices.clock.sleep(20);
      isClosed = true;
      flow?.end();
      flow?.setTimeout(DRAIN_MS);
      flow?.once('timeout', () => flow?.destroy());
    },
  };
}

async function openFlow(devices: LinkDevices, target: SyslogTarget): Promise<Flow> {
  const flow = await devices.tcp.connect({ host: target.host, port: target.port });
  if (target.transport === 'tcp') return flow;
  const pin = target.pinnedSha256 === undefined ? {} : { pinnedSha256: target.pinnedSha256 };
  return devices.tls.client(flow, { serverName: target.host, ...pin });
}

/** Datagrams on their way at one time: while a name server is silent each waits for seconds, and what comes then is lost. */
const DATAGRAMS_MAX = 64;

/** RFC 5426: one datagram a message; what is lost is lost. */
export async function createDatagramLink(
  devices: LinkDevices,
  target: SyslogTarget,
  events: LinkEvents,
): Promise<SyslogLink> {
  const isV6 = target.host.includes(':');
  const socket = await devices.udp.bind({ host: isV6 ? '::' : '0.0.0.0', port: 0 });
  let address = /^[\d.]+$|:/.test(target.host) ? target.host : undefined;
  let onTheirWay = 0;
  const sendOne = async (message: Uint8Array): Promise<void> => {
    try {
      address ??= (await devices.resolver.resolve(target.host, 'A')).records[0];
      if (address === undefined) return events.down(`${target.host} has no IPv4 address`);
      await socket.send(message, { host: address, port: target.port });
      events.up();
    } catch (error) {
      address = /^[\d.]+$|:/.test(target.host) ? target.host : undefined;
      events.down((error as Error).message);
    }
  };
  return {
    send(message) {
      // Not told: a word about it in the log would itself be sent here.
      if (onTheirWay >= DATAGRAMS_MAX) return;
      onTheirWay++;
      void sendOne(message).finally(() => onTheirWay--);
    },
    [Symbol.asyncDispose]: () => socket.close(),
  };
}
