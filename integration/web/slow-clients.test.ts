import { describe, expect, it } from 'vitest';
import { MODES, startBesieged } from './slow-clients.ts';

const CONNECTIONS = 1_000;
/** One slowhttptest opens about 130 TLS connections a second. Each mode with all thousand, for longer: npm run test:long -- hostile-web. */
const SECONDS = 6;
/** The service's own places: one address may take them all, and an attack that does not shows nothing. */
const PLACES = 400;

describe('the four modes of slowhttptest at once, with a thousand connections', () => {
  it.each(['direct', 'node'])('leave others served by the %s engine', async engine => {
    await using besieged = await startBesieged({ engine, 'connections-per-address-max': CONNECTIONS });
    const modes = Object.keys(MODES);
    const outcome = await besieged.siege(modes, CONNECTIONS / modes.length, SECONDS, 2 * PLACES);
    const { served, again, p50Ms, p99Ms, grownMiB } = outcome;
    console.log(
      `${engine}: ${outcome.accepted} connections, ${served} visitors, ${again} asked again, p50 ${p50Ms} ms, p99 ${p99Ms} ms, ${grownMiB} MiB more`,
    );
    expect(outcome.alive).toBe(true);
    expect(outcome.accepted - served - again).toBeGreaterThan(PLACES);
    expect(outcome.failures).toEqual([]);
    expect(served).toBeGreaterThan(20);
    // Handshakes of a thousand attackers on a machine that may be busy with other things; 15 s would be failures.
    expect(p99Ms).toBeLessThan(8_000);
    expect(grownMiB).toBeLessThan(250);
  });
});
