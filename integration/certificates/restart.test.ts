import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interruptOrder } from './interrupted-order.ts';
import { createSiteProcess, type SiteProcess } from './site-process.ts';
import { lookAt, untilTrusted, visit } from './visitor.ts';

const CERTIFICATE_MS = 60_000;
/** With the longest pause after an order that a cut made invalid (shared/protocols/acme/back-off.ts). */
const CERTIFICATE_AFTER_PAUSE_MS = CERTIFICATE_MS + 75_000;
const RESTARTS = 10;
/** A start takes a second or two, the order another. */
const INTERRUPTION = { cuts: 8, lifeMsMax: 4_000, talkMsMax: 1_000, graceMs: 500 };

describe('a site beside pebble, configured with one name', () => {
  let site: SiteProcess;
  beforeAll(async () => {
    site = await createSiteProcess();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it('gets its certificate, and asks for no other in ten restarts, half of them without an end in order', async () => {
    await site.start();
    const first = await untilTrusted(site.place, CERTIFICATE_MS);
    for (let restart = 0; restart < RESTARTS; restart++) {
      await site.stop(restart % 2 === 0 ? 'in-order' : 'at-once');
      await site.start();
      expect(await lookAt(site.place)).toEqual(first);
      expect(await visit(site.place)).toBe(200);
    }
    expect([site.pebble.orders(), site.pebble.issued()]).toEqual([1, 1]);
  });
});

describe('a site that is killed again and again while it asks for its first certificate', () => {
  it('goes on with the order that it has', async () => {
    await using site = await createSiteProcess();
    const { faults } = await interruptOrder(
      {
        begin: () => site.begin(),
        cut: () => site.stop('at-once'),
        async certified() {
          const wasRefused = site.pebble.ordersRefused() > 0;
          await untilTrusted(site.place, wasRefused ? CERTIFICATE_AFTER_PAUSE_MS : CERTIFICATE_MS);
        },
        orders: () => site.pebble.orders(),
        ordersRefused: () => site.pebble.ordersRefused(),
        requests: () => site.pebble.requests(),
      },
      INTERRUPTION,
    );
    expect(faults).toEqual([]);
    expect(site.pebble.issued()).toBe(1);
  });
});
