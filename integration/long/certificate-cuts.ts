/**
 * The plug of an image is pulled at random moments of its first starts, every second time while it talks to pebble about its
 * certificate: in the end it has one, by one order, and no more than one further for each cut that nobody could have noted an order
 * before, or that came while the authority looked for the proof. QEMU that is killed keeps what the guest gave to its disk; what a disk
 * itself may lose is the matter of `power-cut`.
 */
import type { Guest } from '../../images/run/guest.ts';
import { interruptOrder } from '../certificates/interrupted-order.ts';
import { createSiteGuest } from '../certificates/site-guest.ts';
import { untilTrusted } from '../certificates/visitor.ts';
import { runLongTest, type Progress } from './run/run.ts';

interface Cuts extends Progress {
  readonly cuts: number;
  readonly cutsAtAnOrder: number;
  readonly cutsAtALook: number;
  /** Orders beyond the one that each new machine needs. */
  readonly furtherOrders: number;
}

const CERTIFICATE_MS = 300_000;
const CUTS = 4;
/** Of the time until a certificate is shown: some lives are longer, and are cut after the order. */
const LIFE_MAX_SHARE = 1.25;
/** Emulated, an answer is decrypted, read and synced in a second or two. */
const GRACE_MS = 5_000;
/** Emulated, from the first request to the certificate. */
const TALK_MS_MAX = 15_000;

await using site = await createSiteGuest();
let guest: Guest | undefined;

async function certified(): Promise<void> {
  await untilTrusted(site.place, CERTIFICATE_MS).catch((cause: unknown) => {
    throw new Error(`${String(cause)}\n${guest?.console.tail(60)}\n${site.pebble.log()}`, { cause });
  });
}

/** On this machine, as busy as it is: cuts that all came before the order would show nothing. */
async function timeToCertificate(): Promise<number> {
  const begun = performance.now();
  guest = await site.start();
  await certified();
  const tookMs = performance.now() - begun;
  await guest[Symbol.asyncDispose]();
  return tookMs;
}

let lifeMsMax: number | undefined;

await runLongTest<Cuts>({
  name: 'certificate-cuts',
  goal: 10,
  begin: { done: 0, faults: [], cuts: 0, cutsAtAnOrder: 0, cutsAtALook: 0, furtherOrders: 0 },
  async piece({ done, faults, cuts, cutsAtAnOrder, cutsAtALook, furtherOrders }) {
    lifeMsMax ??= LIFE_MAX_SHARE * (await timeToCertificate());
    await site.reset();
    const found = await interruptOrder(
      {
        begin: async () => void (guest = await site.start()),
        cut: async () => void (await guest?.[Symbol.asyncDispose]()),
        certified,
        orders: () => site.pebble.orders(),
        ordersRefused: () => site.pebble.ordersRefused(),
        requests: () => site.pebble.requests(),
      },
      { cuts: CUTS, lifeMsMax, talkMsMax: TALK_MS_MAX, graceMs: GRACE_MS },
    );
    await guest?.[Symbol.asyncDispose]();
    return {
      done: done + 1,
      faults: [...faults, ...found.faults],
      cuts: cuts + CUTS,
      cutsAtAnOrder: cutsAtAnOrder + found.cutsAtAnOrder,
      cutsAtALook: cutsAtALook + found.cutsAtALook,
      furtherOrders: furtherOrders + found.orders - 1,
    };
  },
});
