/**
 * An image beside pebble that is started again and again, every other time after its plug was pulled: its one certificate stays, and
 * the authority sees one order. 20 starts, or as many as `--goal 100` says. An authority lives as long as a run, so a run that
 * goes on begins with a disk and an order of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSiteGuest } from '../certificates/site-guest.ts';
import { lookAt, untilTrusted, visit } from '../certificates/visitor.ts';
import { runLongTest, type Progress } from './run/run.ts';

interface Reboots extends Progress {
  readonly runs: number;
  readonly orders: number;
  /** Starts that ended by pulling the plug, at some moment up to {@link PULL_MS_MAX} after the site had answered. */
  readonly pulled: number;
}

const READY_MS = 240_000;
const CERTIFICATE_MS = 120_000;
const PULL_MS_MAX = 10_000;

await using site = await createSiteGuest();
let fingerprint: string | undefined;

await runLongTest<Reboots>({
  name: 'certificate-reboots',
  goal: 20,
  begin: { done: 0, faults: [], runs: 0, orders: 0, pulled: 0 },
  async piece({ done, faults, runs, orders, pulled }) {
    const isFirst = fingerprint === undefined;
    const ordersBefore = isFirst ? 0 : site.pebble.orders();
    const isPulled = done % 2 === 1;
    const found: string[] = [];
    await using guest = await site.start();
    await guest.waitFor(/lares: ready after /, READY_MS);
    const shown = isFirst ? await untilTrusted(site.place, CERTIFICATE_MS) : await lookAt(site.place);
    if (!shown.isTrusted) found.push(`start ${done + 1}: the certificate is of ${shown.issuer}`);
    fingerprint ??= shown.fingerprint;
    if (shown.fingerprint !== fingerprint) found.push(`start ${done + 1}: another certificate`);
    const status = await visit(site.place);
    if (status !== 200) found.push(`start ${done + 1}: the start page has status ${status}`);
    if (isPulled) await sleep(Math.random() * PULL_MS_MAX);
    else if (!(await guest.powerOff())) found.push(`start ${done + 1}: no end in order`);
    return {
      done: done + 1,
      faults: [...faults, ...found],
      runs: runs + (isFirst ? 1 : 0),
      orders: orders + site.pebble.orders() - ordersBefore,
      pulled: pulled + (isPulled ? 1 : 0),
    };
  },
  judge: ({ orders, runs }) =>
    orders === runs ? [] : [`${orders} orders in ${runs} runs; right is one each`],
});
