import { randomInt } from 'node:crypto';
import type { DhcpAction, DhcpEvent } from '../../protocols/dhcp/client.ts';
import { createDhcpClient, stepDhcpClient } from '../../protocols/dhcp/client.ts';
import type { Lease } from '../../protocols/dhcp/lease.ts';
import { encodeDhcpMessage } from '../../protocols/dhcp/message.ts';
import type { DhcpMessage } from '../../protocols/dhcp/message.ts';
import type { ClientIdentity } from '../../protocols/dhcp/requests.ts';
import { createWakeTimer } from './wake-timer.ts';

export interface DhcpHandlers {
  readonly broadcast: (payload: Uint8Array) => void;
  readonly unicast: (payload: Uint8Array, server: Uint8Array) => void;
  readonly configure: (lease: Lease) => void;
  readonly probe: (address: Uint8Array) => void;
  readonly announce: (address: Uint8Array) => void;
  readonly unconfigure: (lease: Lease, reason: string) => void;
  readonly note: (text: string) => void;
}

export interface DhcpRunner extends Disposable {
  handle(event: DhcpEvent): void;
}

/** One link's DHCPv4 client: the pure machine, its alarm, and its actions carried out. */
export function runDhcpClient(identity: ClientIdentity, handlers: DhcpHandlers): DhcpRunner {
  let state = createDhcpClient(identity);
  const timer = createWakeTimer(() => handle({ kind: 'wake' }));
  function handle(event: DhcpEvent): void {
    const moment = { nowMs: performance.now(), xid: randomInt(2 ** 32), chance: Math.random() };
    const step = stepDhcpClient(state, event, moment);
    state = step.state;
    timer.set(state.wakeAtMs);
    for (const action of step.actions) carryOut(action, handlers);
  }
  return { handle, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

function carryOut(action: DhcpAction, handlers: DhcpHandlers): void {
  switch (action.kind) {
    case 'broadcast':
      return handlers.broadcast(encode(action.message));
    case 'unicast':
      return handlers.unicast(encode(action.message), action.server);
    case 'configure':
      return handlers.configure(action.lease);
    case 'probe':
      return handlers.probe(action.address);
    case 'announcement':
      return handlers.announce(action.address);
    case 'unconfigure':
      return handlers.unconfigure(action.lease, action.reason);
    case 'note':
      return handlers.note(action.text);
  }
}

function encode(message: DhcpMessage): Uint8Array {
  return encodeDhcpMessage(message);
}
