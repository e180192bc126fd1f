import { encodeUtf8 } from '../../base/bytes.ts';
import type { Timer } from '../../devices/clock.ts';
import type { Devices } from '../../devices/devices.ts';
import type { AlertKind } from '../configuration/schema.ts';
import { EMPTY_QUEUE, step, type Alert, type AlertEvent } from './alert-core.ts';

export interface WebhookTarget {
  readonly url: string;
  readonly on: readonly AlertKind[];
}

/** Who speaks: stands in every post. */
export interface AlertSender {
  readonly appliance: string;
  readonly service: string;
}

export interface Webhook extends Disposable {
  raise(alert: Alert): void;
}

const POST_TIMEOUT_MS = 20_000;
/** Answers are not read beyond their status. */
const ANSWER_MAX_BYTES = 65_536;

type WebhookDevices = Pick<Devices, 'clock' | 'random' | 'http' | 'log'>;

/** Posts alerts to one URL as JSON, in order, with retries. The URL may hold a secret: logs name its host alone. */
export function createWebhook(devices: WebhookDevices, target: WebhookTarget, sender: AlertSender): Webhook {
  const url = new URL(target.url);
  const stop = new AbortController();
  let queue = EMPTY_QUEUE;
  let timer: Timer | undefined;
  const handle = (event: AlertEvent): void => {
    const next = step(queue, event, devices.clock.monotonic());
    queue = next.queue;
    timer?.cancel();
    if (next.wakeAtMs !== undefined)
      timer = devices.clock.timer(next.wakeAtMs - devices.clock.monotonic(), () => handle({ kind: 'tick' }));
    if (next.send !== undefined) void post(next.send);
  };
  const post = async (alert: Alert): Promise<void> => {
    const outcome = await tryPost(devices, url, { ...body(alert, sender) }, stop.signal);
    if (stop.signal.aborted) return;
    if (outcome === 'retry') handle({ kind: 'failed', random: (devices.random.bytes(1)[0] ?? 0) / 256 });
    else handle({ kind: 'sent' });
  };
  return {
    raise(alert) {
      if (target.on.includes(alert.kind)) handle({ kind: 'raise', alert });
    },
    [Symbol.dispose]() {
      stop.abort();
      timer?.cancel();
    },
  };
}

/** `text` is what chat services show; the rest is for programs. */
function body(alert: Alert, sender: AlertSender): Record<string, unknown> {
  const { kind, key, reason, timeMs } = alert;
  const verb = kind === 'recovered' ? 'is well again' : 'needs you';
  return {
    text: `${sender.appliance} (${sender.service}) ${verb}: ${reason}`,
    ...sender,
    event: kind,
    condition: key,
    reason,
    time: new Date(timeMs).toISOString(),
  };
}

async function tryPost(
  devices: WebhookDevices,
  url: URL,
  content: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<'done' | 'retry'> {
  try {
    const { status } = await devices.http.request({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: encodeUtf8(JSON.stringify(content)),
      timeoutMs: POST_TIMEOUT_MS,
      bodyMaxBytes: ANSWER_MAX_BYTES,
      signal,
    });
    if (status >= 200 && status < 300) return 'done';
    devices.log.warn({ host: url.host, status }, 'alert refused by web hook');
    // RFC 9110 §15.5: the client is at fault, and the same request will be refused again; these two ask for patience.
    return status >= 400 && status < 500 && status !== 408 && status !== 429 ? 'done' : 'retry';
  } catch (error) {
    if (!signal.aborted)
      devices.log.warn({ host: url.host, error: (error as Error).message }, 'web hook not reached');
    return 'retry';
  }
}
