import type { Devices } from '../../devices/devices.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import type { Message, Question } from '../../protocols/dns/message.ts';
import { DnsUpdateError } from './dns-update-error.ts';
import { formatServer } from './exchange.ts';
import { showsText } from './name-servers.ts';

/** How long secondaries get: NOTIFY and transfer take seconds, a refresh by timer may take an hour and is not waited for. */
const PATIENCE_MS = 120_000;
const POLL_MS = 2_000;
/** A server that does not answer is given up after this many rounds: validators, too, go on to the next one. */
const SILENT_ROUNDS_MAX = 2;

export interface Awaited {
  readonly servers: readonly Endpoint[];
  readonly question: Question;
  readonly value: string;
}

type State = 'shows' | 'shows not' | 'silent';

/** Resolves when every server that answers at all shows the value. @throws DnsUpdateError naming those that do not. */
export async function awaitServers(
  { servers, question, value }: Awaited,
  ask: (server: Endpoint) => Promise<Message>,
  { clock, log }: Pick<Devices, 'clock' | 'log'>,
  signal?: AbortSignal,
): Promise<void> {
  const look = async (server: Endpoint): Promise<State> => {
    try {
      return showsText(await ask(server), question, value) ? 'shows' : 'shows not';
    } catch (error) {
      if (error instanceof DnsUpdateError) return 'silent';
      throw error;
    }
  };
  const deadlineMs = clock.monotonic() + PATIENCE_MS;
  let hasShown = false;
  let waiting = servers;
  for (let round = 1; ; round++) {
    const states = await Promise.all(waiting.map(look));
    hasShown ||= states.includes('shows');
    const isGivenUp = (state: State | undefined): boolean => state === 'silent' && round >= SILENT_ROUNDS_MAX;
    for (const [index, server] of waiting.entries())
      if (isGivenUp(states[index]))
        log.warn({ server: formatServer(server) }, 'a name server does not answer; going on without it');
    waiting = waiting.filter((_, index) => states[index] !== 'shows' && !isGivenUp(states[index]));
    if (waiting.length === 0) break;
    if (clock.monotonic() >= deadlineMs) throw tooLate(waiting);
    await clock.sleep(POLL_MS, signal);
  }
  if (!hasShown) throw new DnsUpdateError('no name server of the zone answers', { temporary: true });
}

function tooLate(waiting: readonly Endpoint[]): DnsUpdateError {
  const names = waiting.map(formatServer).join(', ');
  return new DnsUpdateError(
    `after ${PATIENCE_MS / 1000} s these name servers do not show the new record: ${names}; does the primary notify them?`,
    { temporary: true },
  );
}
