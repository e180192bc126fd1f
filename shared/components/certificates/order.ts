import type { Clock } from '../../devices/clock.ts';
import { DeviceError } from '../../devices/device-error.ts';
import { endsOrder, type Failure } from '../../protocols/acme/failure.ts';
import {
  beginOrder,
  step,
  type OrderAction,
  type OrderEvent,
  type OrderTerms,
} from '../../protocols/acme/order-run.ts';
import { NEW_ORDER } from '../../protocols/acme/limits.ts';
import type { Authority } from './authority.ts';
import type { Proofs } from './proofs.ts';
import type { Slot, StoredOrder } from './store.ts';

export interface OrderSurroundings {
  readonly authority: Authority;
  readonly proofs: Proofs;
  /** Where this order is kept; its key is there already. */
  readonly slot: Slot<StoredOrder>;
  readonly stored: StoredOrder;
  readonly clock: Clock;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

export type OrderOutcome =
  { readonly ok: true; readonly certificatePem: string } | { readonly ok: false; readonly failure: Failure };

/** Joins one run of the order's core to the world. @throws DeviceError of the store; the signal's reason. */
export async function carryOutOrder(terms: OrderTerms, around: OrderSurroundings): Promise<OrderOutcome> {
  const { authority, slot, stored } = around;
  const { signer, accountUrl } = await authority.account();
  const memory = { ...stored.memory, ...(accountUrl === undefined ? {} : { accountUrl }) };
  const removals: (() => Promise<void>)[] = [];
  let run = beginOrder(terms, memory);
  let event: OrderEvent = { kind: 'begin' };
  try {
    for (;;) {
      const next = step(run, event, signer);
      run = next.run;
      if (next.action.kind === 'done') return { ok: true, certificatePem: next.action.certificatePem };
      if (next.action.kind === 'failed') {
        const { failure } = next.action;
        if (endsOrder(failure)) await slot.clear();
        return { ok: false, failure };
      }
      event = await perform(next.action, around, removals);
    }
  } finally {
    for (const remove of removals) await remove();
  }
}

async function perform(
  action: Exclude<OrderAction, { kind: 'done' | 'failed' }>,
  { authority, proofs, slot, stored, clock, nowMs, signal }: OrderSurroundings,
  removals: (() => Promise<void>)[],
): Promise<OrderEvent> {
  switch (action.kind) {
    case 'send':
      try {
        return { kind: 'answer', answer: await authority.send(action.request) };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof DeviceError)) throw error;
        return { kind: 'unreachable', reason: error.message };
      }
    case 'save': {
      const { memory } = action;
      await authority.noteAccountUrl(memory.accountUrl);
      // Noted before the order is asked for: what a power cut leaves unknown counts as used.
      if (memory.ordering === true && memory.orderUrl === undefined)
        await authority.noteUses([NEW_ORDER], nowMs());
      await slot.save({ ...stored, memory });
      return { kind: 'saved' };
    }
    case 'prove':
      try {
        removals.push(await proofs.put(action.proofs, signal));
        return { kind: 'inPlace' };
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'notInPlace', reason: (error as Error).message };
      }
    case 'wait':
      await clock.sleep(action.ms, signal);
      return { kind: 'waited' };
  }
}
