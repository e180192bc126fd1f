import { randomInt } from 'node:crypto';
import type { Dhcp6Action, Dhcp6Event } from '../../protocols/dhcp6/client.ts';
import { createDhcp6Client, stepDhcp6Client } from '../../protocols/dhcp6/client.ts';
import type { Binding, Settings } from '../../protocols/dhcp6/reply.ts';
import { createWakeTimer } from './wake-timer.ts';

export interface Dhcp6Handlers {
  readonly multicast: (bytes: Uint8Array) => void;
  readonly configure: (binding: Binding) => void;
  readonly unconfigure: (address: Uint8Array, reason: string) => void;
  readonly settings: (settings: Settings) => void;
}

export interface Dhcp6Runner extends Disposable {
  handle(event: Dhcp6Event): void;
}

/** One link's DHCPv6 client: the pure machine, its alarm, and its actions carried out. */
export function runDhcp6Client(clientId: Uint8Array, iaid: number, handlers: Dhcp6Handlers): Dhcp6Runner {
  let state = createDhcp6Client(clientId, iaid);
  const timer = createWakeTimer(() => handle({ kind: 'wake' }));
  function handle(event: Dhcp6Event): void {
    const moment = { nowMs: performance.now(), transactionId: randomInt(2 ** 24), chance: Math.random() };
    const step = stepDhcp6Client(state, event, moment);
    state = step.state;
    timer.set(state.wakeAtMs);
    for (const action of step.actions) carryOut(action, handlers);
  }
  return { handle, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

function carryOut(action: Dhcp6Action, handlers: Dhcp6Handlers): void {
  switch (action.kind) {
    case 'multicast':
      return handlers.multicast(action.bytes);
    case 'configure':
      return handlers.configure(action.binding);
    case 'unconfigure':
      return handlers.unconfigure(action.address, action.reason);
    case 'settings':
      return handlers.settings(action.settings);
  }
}
