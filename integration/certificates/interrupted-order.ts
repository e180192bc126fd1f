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
  /** How many of them it made invalid so far, since it did not find a proof. */
  ordersRefused(): number;
  /** How many requests it has heard so far. */
  requests(): number;
}

export interface InterruptedOrder {
  readonly orders: number;
  /** Cuts within {@link InterruptionOptions.graceMs} of an order: the answer may not have been stored yet. */
  readonly cutsAtAnOrder: number;
  /** Cuts within {@link InterruptionOptions.graceMs} before the authority made an order invalid: it looked when nobody was there. */
  readonly cutsAtALook: number;
  readonly faults: readonly string[];
}

export interface InterruptionOptions {
  readonly cuts: number;
  /** Every second life lasts a random time up to this, whatever happens in it. */
  readonly lifeMsMax: number;
  /** The others end a random time up to this after the authority has first heard of them: an order is a small part of a start. */
  readonly talkMsMax: number;
  /** How long an answer may take until it is stored for good, and a look until it has failed; a start takes longer. */
  readonly graceMs: number;
}

/**
 * Cuts an appliance off again and again while it asks for its first certificate. An order whose answer was stored is gone on with, so
 * there is one order, and one more at most for each cut that fell between the authority's taking it and the storing of its answer: no
 * client can know of those. One more, too, for each cut in the middle of the authority's look at a proof: RFC 8555 §7.1.6 makes the
 * order invalid for good. An order that is made invalid while the appliance is there counts as a fault.
 */
export async function interruptOrder(
  appliance: Interruptible,
  { cuts, lifeMsMax, talkMsMax, graceMs }: InterruptionOptions,
): Promise<InterruptedOrder> {
  const [before, refusedBefore] = [appliance.orders(), appliance.ordersRefused()];
  let seen = before;
  let seenAtMs = Number.NEGATIVE_INFINITY;
  let [cutsAtAnOrder, cutsAtALook] = [0, 0];
  const look = (): void => {
    if (appliance.orders() === seen) return;
    seen = appliance.orders();
    seenAtMs = performance.now();
  };
  for (let cut = 0; cut < cuts; cut++) {
    await appliance.begin();
    const isAimed = cut % 2 === 0;
    const requests = appliance.requests();
    let endMs = performance.now() + (isAimed ? lifeMsMax : Math.random() * lifeMsMax);
    for (let isHeard = !isAimed; performance.now() < endMs; await sleep(LOOK_MS)) {
      look();
      if (isHeard || appliance.requests() === requests) continue;
      isHeard = true;
      endMs = performance.now() + Math.random() * talkMsMax;
    }
    const refused = appliance.ordersRefused();
    await appliance.cut();
    look();
    const isAtAnOrder = performance.now() - seenAtMs < graceMs;
    await sleep(graceMs);
    // A proof is looked for only after the order was stored: one cut costs one order at most.
    if (appliance.ordersRefused() > refused) cutsAtALook++;
    else if (isAtAnOrder) cutsAtAnOrder++;
  }
  await appliance.begin();
  await appliance.certified();
  const orders = appliance.orders() - before;
  const refused = appliance.ordersRefused() - refusedBefore;
  return {
    orders,
    cutsAtAnOrder,
    cutsAtALook,
    faults: faultsOf({ orders, refused, cutsAtAnOrder, cutsAtALook }),
  };
}

function faultsOf(found: Omit<InterruptedOrder, 'faults'> & { readonly refused: number }): string[] {
  const { orders, refused, cutsAtAnOrder, cutsAtALook } = found;
  const close = `${cutsAtAnOrder} cuts close to one and ${cutsAtALook} at a look for a proof`;
  return [
    ...(orders > 1 + cutsAtAnOrder + cutsAtALook ? [`${orders} orders, and ${close}`] : []),
    ...(refused > cutsAtALook ? [`${refused} orders made invalid, and ${close}`] : []),
  ];
}

const LOOK_MS = 10;
