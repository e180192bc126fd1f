import type { Clock } from '../../devices/clock.ts';
import type { Flow } from '../../devices/tcp.ts';
import { alertFor } from '../../protocols/front/alerts.ts';
import type { Refusal } from '../../protocols/front/route.ts';
import { REFUSAL_MAX_MS } from './limits.ts';

/** Closes a flow, with TLS's alert where the peer speaks TLS. */
export function refuse(flow: Flow, refusal: Refusal, clock: Clock): void {
  const alert = alertFor(refusal);
  if (alert === undefined) {
    flow.destroy();
    return;
  }
  // A flow that has ended both ways closes by itself.
  flow.end(alert);
  // RFC 2525 §2.17: closing with unread bytes resets the connection, and the alert is lost. So they are read and thrown away.
  flow.resume();
  const timer = clock.timer(REFUSAL_MAX_MS, () => flow.destroy());
  flow.once('close', () => timer.cancel());
}
