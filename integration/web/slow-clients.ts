import { spawn } from 'node:child_process';
import { visitDuring, type Experience } from './good-clients.ts';
import { startWebServer, type ServerReport } from './server.ts';

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
  /** Lets attackers of each mode open so many connections and stay for `seconds`, and visitors come beside them. */
  siege(modes: readonly string[], connectionsEach: number, seconds: number): Promise<Outcome>;
}

const FILES = { 'index.html': 'home', 'large.bin': Buffer.alloc(5_000_000, 'x') };

/**
 * A server with this configuration. The attackers come from 127.0.0.1 and the visitors from another network; with the ordinary share of
 * one address it never comes to the limit of all.
 */
export async function startBesieged(configuration: Readonly<Record<string, unknown>>): Promise<Besieged> {
  const server = await startWebServer(FILES, configuration);
  const { rssMiB } = await server.report();
  return {
    async siege(modes, connectionsEach, seconds) {
      const before = acceptedOf(await server.report());
      const attackers = Promise.all(
        modes.map(mode => attack(mode, server.httpsPort, connectionsEach, seconds)),
      );
      const experience = await visitDuring(server.httpsPort, attackers);
      const after = await server.report();
      const accepted = acceptedOf(after) - before;
      return { ...experience, accepted, alive: server.alive(), grownMiB: Math.round(after.rssMiB - rssMiB) };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function attack(mode: string, port: number, connections: number, seconds: number): Promise<void> {
  const url = `https://127.0.0.1:${port}/large.bin`;
  const amount = ['-c', String(connections), '-r', String(connections), '-l', String(seconds)];
  // Attackers have machines of their own: here they must not take the processor from those they attack.
  const command = ['-n', '15', 'slowhttptest', ...(MODES[mode] ?? []), ...amount, '-u', url, '-p', '5'];
  const attacker = spawn('nice', command, { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    attacker.on('error', reject);
    attacker.on('close', () => resolve());
  });
}

function acceptedOf({ status }: ServerReport): number {
  return Number(/of (\d+) accepted/.exec(status['Open'] ?? '')?.[1]);
}
