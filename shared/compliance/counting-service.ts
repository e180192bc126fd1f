import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import type { Devices } from '../devices/devices.ts';
import type { Listener } from '../devices/tcp.ts';

/** The least a service needs to know of its surroundings; the appliance's ServiceContext has it. */
interface Surroundings {
  readonly health: { degrade(key: string, reason: string): void; recover(key: string): void };
}

export interface CountingConfig {
  readonly host: string;
  /** Answers begin with it. */
  readonly greeting: string;
}

/**
 * A small service that does with its devices what real ones do: it listens, keeps a number, logs, has health, and can be told to
 * break. A line 'count' is answered by greeting and number; 'degrade' and 'recover' change health; 'spin' blocks its thread for
 * ever; 'throw' throws outside every call.
 */
export const countingService = {
  create(config: CountingConfig, devices: Devices, { health }: Surroundings) {
    let listener: Listener | undefined;
    let count = 0;
    const counted = devices.metrics.counter('lares_counted_total', 'Times counted');
    const reached = devices.metrics.gauge('lares_count', 'The number reached', ['greeting']);
    const sizes = devices.metrics.histogram('lares_count_size', 'Numbers by size', [1]);
    const answer = (line: string): string => {
      switch (line) {
        case 'count':
          count++;
          counted.add();
          reached.set(count, { greeting: config.greeting });
          sizes.observe(count);
          devices.log.info({ count }, 'counted');
          return `${config.greeting} ${count}`;
        case 'degrade':
          health.degrade('told', 'somebody said so');
          return 'degraded';
        case 'recover':
          health.recover('told');
          return 'recovered';
        case 'spin':
          for (;;);
        case 'throw':
          devices.clock.timer(0, () => {
            throw new Error('thrown on request');
          });
          return 'throwing';
        default:
          return 'what?';
      }
    };
    return {
      async start(signal: AbortSignal): Promise<void> {
        signal.throwIfAborted();
        if (config.greeting === '') throw new Error('the greeting is empty; a word would be right');
        listener = await devices.tcp.listen({ host: config.host, port: 0 }, flow => {
          flow.on(
            'data',
            (chunk: Uint8Array) => void flow.write(encodeUtf8(`${answer(decodeUtf8(chunk).trim())}\n`)),
          );
          flow.on('end', () => flow.end());
        });
      },
      urls: () => (listener === undefined ? [] : [`tcp://${listener.address.host}:${listener.address.port}`]),
      status: () => [{ title: 'Counting', rows: [['count', String(count)] as const] }],
      async [Symbol.asyncDispose](): Promise<void> {
        await listener?.close();
        listener = undefined;
      },
    };
  },
};
