import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { visitDuring, type Experience } from './good-clients.ts';
import { startWebServer, type ServerReport, type WebServer } from './server.ts';

/** The four attacks of Debian's slowhttptest; each connection does one thing, slowly. */
export const MODES: Readonly<Record<string, readonly string[]>> = {
  // A header field every second, and never the empty line.
  'slow headers': ['-H', '-i', '1', '-x', '24'],
  // Ten bytes of content every second.
  'slow body': ['-B', '-i', '1', '-s', '8192', '-x', '10'],
  // Thousands of overlapping ranges.
  range: ['-R', '-a', '1', '-b', '3000'],
  // Reads five bytes at a time through a window of a few.
  'slow read': ['-X', '-w', '10', '-y', '20', '-n', '1', '-z', '5', '-k', '3'],
};

export interface Outcome extends Experience {
  /** Connections that the server accepted meanwhile, the visitors' among them. */
  readonly accepted: number;
  readonly alive: boolean;
  /** What the process grew by since the first siege. */
  readonly grownMiB: number;
}

export interface Besieged extends AsyncDisposable {
  /**
   * Lets attackers of each mode open so many connections and stay for `seconds`, and visitors come beside them. On a busy machine the
   * attackers need longer: they stay, for {@link SIEGE_MAX_SECONDS} at most, until `acceptedMin` connections have been accepted.
   */
  siege(
    modes: readonly string[],
    connectionsEach: number,
    seconds: number,
    acceptedMin?: number,
  ): Promise<Outcome>;
}

const SIEGE_MAX_SECONDS = 60;
const LOOK_EVERY_MS = 500;

const FILES = { 'index.html': 'home', 'large.bin': Buffer.alloc(5_000_000, 'x') };

/**
 * A server with this configuration. The attackers come from 127.0.0.1 and the visitors from another network; with the ordinary share of
 * one address it never comes to the limit of all.
 */
export async function startBesieged(configuration: Readonly<Record<string, unknown>>): Promise<Besieged> {
  const server = await startWebServer(FILES, configuration);
  const { rssMiB } = await server.report();
  return {
    async siege(modes, connectionsEach, seconds, acceptedMin = 0) {
      const before = acceptedOf(await server.report());
      const enough = new AbortController();
      const url = `https://127.0.0.1:${server.httpsPort}/large.bin`;
      const stay = ['-l', String(acceptedMin === 0 ? seconds : SIEGE_MAX_SECONDS), '-u', url];
      const attackers = modes.map(mode => attack(mode, connectionsEach, stay, enough.signal));
      if (acceptedMin > 0)
        attackers.push(untilAccepted(server, before + acceptedMin, seconds).then(() => enough.abort()));
      const experience = await visitDuring(server.httpsPort, Promise.all(attackers));
      const after = await server.report();
      const accepted = acceptedOf(after) - before;
      return { ...experience, accepted, alive: server.alive(), grownMiB: Math.round(after.rssMiB - rssMiB) };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Resolves after `seconds`, and later where fewer connections than `accepted` have been taken by then. */
async function untilAccepted(server: WebServer, accepted: number, seconds: number): Promise<void> {
  const begun = performance.now();
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    const elapsed = (performance.now() - begun) / 1000;
    if (elapsed >= SIEGE_MAX_SECONDS || !server.alive()) return;
    if (elapsed >= seconds && acceptedOf(await server.report()) >= accepted) return;
  }
}

function attack(
  mode: string,
  connections: number,
  stay: readonly string[],
  enough: AbortSignal,
): Promise<void> {
  const amount = ['-c', String(connections), '-r', String(connections), ...stay];
  // Attackers have machines of their own: here they must not take the processor from those they attack.
  const command = ['-n', '15', 'slowhttptest', ...(MODES[mode] ?? []), ...amount, '-p', '5'];
  const attacker = spawn('nice', command, { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    attacker.on('error', reject);
    attacker.on('close', () => resolve());
    enough.addEventListener('abort', () => attacker.kill());
  });
}

function acceptedOf({ status }: ServerReport): number {
  return Number(/of (\d+) accepted/.exec(status['Open'] ?? '')?.[1]);
}
