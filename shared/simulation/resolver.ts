import type { Answer, RecordData, RecordType, Resolver } from '../devices/resolver.ts';
import { networkFault } from './faults.ts';
import type { Life } from './life.ts';
import type { Prng } from './prng.ts';

interface Name {
  readonly records: Map<RecordType, unknown[]>;
  secure: boolean;
}

/** How asking for a name fails. */
export type ZoneFault = 'name-server-failed' | 'timed-out';

const TTL_SECONDS = 300;
/** The time after which a stub resolver has tried all it has. */
const TIMEOUT_US = 5_000_000;
const ANSWER_US = [500, 30_000] as const;
// RFC 1034 §3.6.2 warns of loops; resolvers commonly stop after 8 to 16 aliases.
const ALIASES_MAX = 8;

/** All names of the simulated world. Hosts see a change at once: caches are the business of who asks. */
export class Zones {
  readonly #names = new Map<string, Name>();
  readonly #faults = new Map<string, ZoneFault>();

  /** Adds one record; the name exists from then on. */
  add<T extends RecordType>(name: string, type: T, data: RecordData[T]): void {
    const { records } = this.#nameOf(name);
    records.set(type, [...(records.get(type) ?? []), data]);
  }

  remove(name: string, type?: RecordType): void {
    if (type === undefined) this.#names.delete(name);
    else this.#names.get(name)?.records.delete(type);
  }

  /** Whether answers about the name count as validated by DNSSEC. */
  setSecure(name: string, secure: boolean): void {
    this.#nameOf(name).secure = secure;
  }

  /** Every question about the name fails so, until the fault is taken back with undefined. */
  setFault(name: string, fault: ZoneFault | undefined): void {
    if (fault === undefined) this.#faults.delete(name);
    else this.#faults.set(name, fault);
  }

  /** What a name server would answer, or how it fails. */
  find<T extends RecordType>(asked: string, type: T): Answer<T> | ZoneFault {
    // RFC 4343 §2: names are compared without regard to case.
    let name = asked.toLowerCase().replace(/\.$/, '');
    let secure = true;
    for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
      const fault = this.#faults.get(name);
      if (fault !== undefined) return fault;
      const entry = this.#names.get(name);
      secure &&= entry?.secure ?? false;
      const records = (entry?.records.get(type) ?? []) as RecordData[T][];
      const alias = entry?.records.get('CNAME')?.[0] as string | undefined;
      if (records.length > 0 || alias === undefined)
        return { records: [...records], exists: entry !== undefined, secure, ttlSeconds: TTL_SECONDS };
      name = alias;
    }
    return 'name-server-failed';
  }

  #nameOf(name: string): Name {
    const known = this.#names.get(name) ?? { records: new Map(), secure: false };
    this.#names.set(name, known);
    return known;
  }
}

export function createSimulatedResolver(zones: Zones, life: Life, prng: Prng): Resolver {
  return {
    async resolve<T extends RecordType>(name: string, type: T, signal?: AbortSignal): Promise<Answer<T>> {
      signal?.throwIfAborted();
      const answer = zones.find(name, type);
      const isTimeout = answer === 'timed-out';
      await abortable(life, isTimeout ? TIMEOUT_US : prng.between(...ANSWER_US), signal);
      life.record(`resolve ${name} ${type} ${typeof answer === 'string' ? answer : answer.records.length}`);
      if (typeof answer === 'string') throw networkFault(answer, `${type} of ${name}: ${answer}`);
      return answer;
    },
  };
}

function abortable(life: Life, delayUs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const event = life.after(delayUs, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    const abort = (): void => {
      life.cancel(event);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}
