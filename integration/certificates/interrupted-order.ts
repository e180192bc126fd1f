import { setTimeout as sleep } from 'node:timers/promises';

/** An appliance that can be cut off at any moment, and the authority beside it. */
export interface Interruptible {
  /** Begins a life; does not wait for it to be ready. */
  begin(): Promise<void> | void;
  /** Ends it without a word. */
  cut(): Promise<void>;
  /** Resolves when the authority's certificate is shown. */
  certified(): Promise<void>;
  /** How many orders the authority has taken so far. */
  orders(): number;
}

export interface InterruptedOrder {
  readonly orders: number;
  /** Cuts within {@link InterruptionOptions.graceMs} of an order: the answer may not have been stored yet. */
  readonly cutsAtAnOrder: number;
  readonly faults: readonly string[];
}

export interface InterruptionOptions {
  readonly cuts: number;
  /** Each life lasts a random time up to this. */
  readonly lifeMsMax: number;
  /** How long an answer may take until it is stored for good. */
  readonly graceMs: number;
}

/**
 * Cuts an appliance off again and again while it asks for its first certificate. An order whose answer was stored is gone on with, so
 * there is one order, and one more at most for each cut that fell between the authority's taking it and the storing of its answer: no
 * client can know of those.
 */
export async function interruptOrder(
  appliance: Interruptible,
  { cuts, lifeMsMax, graceMs }: InterruptionOptions,
): Promise<InterruptedOrder> {
  const before = appliance.orders();
  let seen = before;
  let seenAtMs = Number.NEGATIVE_INFINITY;
  let cutsAtAnOrder = 0;
  const look = (): void => {
    if (appliance.orders() === seen) return;
    seen = appliance.orders();
    seenAtMs = performance.now();
  };
  for (let cut = 0; cut < cuts; cut++) {
    await appliance.begin();
    for (let leftMs = Math.random() * lifeMsMax; leftMs > 0; leftMs -= LOOK_MS) {
      await sleep(Math.min(leftMs, LOOK_MS));
      look();
    }
    await appliance.cut();
    look();
    if (performance.now() - seenAtMs < graceMs) cutsAtAnOrder++;
  }
  await appliance.begin();
  await appliance.certified();
  const orders = appliance.orders() - before;
  const faults =
    orders > 1 + cutsAtAnOrder ? [`${orders} orders, and ${cutsAtAnOrder} cuts close to one`] : [];
  return { orders, cutsAtAnOrder, faults };
}

const LOOK_MS = 10;
