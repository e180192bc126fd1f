import type { Clock } from './clock.ts';
import type { Content } from './content.ts';
import type { Database } from './database.ts';
import type { Files } from './files.ts';
import type { HttpEngine } from './http-engine.ts';
import type { Http } from './http.ts';
import type { Jobs } from './jobs.ts';
import type { KeyValue } from './key-value.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Random, SecureRandom } from './random.ts';
import type { Resolver } from './resolver.ts';
import type { Tcp } from './tcp.ts';
import type { Tls } from './tls.ts';
import type { Udp } from './udp.ts';

/** Every device a world offers. A service asks for the few it needs: `Pick<Devices, 'clock' | 'tcp'>`. */
export interface Devices {
  readonly clock: Clock;
  readonly random: Random;
  readonly secureRandom: SecureRandom;
  readonly tcp: Tcp;
  readonly udp: Udp;
  readonly tls: Tls;
  readonly keyValue: KeyValue;
  readonly files: Files;
  /** What was baked in: read at start, never written. */
  readonly content: Content;
  /** Opens (and creates) the database of that name on the data volume. */
  readonly openDatabase: (name: string) => Promise<Database>;
  readonly resolver: Resolver;
  readonly http: Http;
  /** Where the world serves HTTP/1.1 beside its sockets; its portable twin is a component over Tcp and Tls. */
  readonly httpEngine?: HttpEngine;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly metrics: Metrics;
}
