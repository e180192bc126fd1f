import type { EventEmitter } from 'node:events';
import type { ExchangeObserver } from '../../shared/components/proxy/exchange.ts';
import type { Request } from '../../shared/protocols/http/message.ts';
import type { Connection } from './connections.ts';
import type { EngineEvents } from './engine.ts';
import type { RunningExchange } from './records/running-exchange.ts';

export interface Beginning {
  readonly events: EngineEvents;
  readonly connection: Connection | undefined;
  readonly client: string | undefined;
}

/** Counts an exchange with its connection and for the records, until `ending` closes. */
export function beginExchange(
  request: Request,
  { events, connection, client }: Beginning,
  ending: EventEmitter,
): RunningExchange {
  const running = events.begin(request, client);
  connection?.begin();
  ending.once('close', () => {
    connection?.end();
    running.end();
  });
  return {
    ...running,
    sent(bytes) {
      connection?.sent(bytes);
      running.sent(bytes);
    },
  };
}

/** Notes what a backend answers as our own answers are noted. */
export function observerOf(running: RunningExchange, site: number): ExchangeObserver {
  return { answered: status => running.answered(status, site), sent: bytes => running.sent(bytes) };
}
