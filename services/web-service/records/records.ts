import type { StatusSection } from '../../../shared/appliance/service.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { Exchange } from '../../../shared/devices/http-exchange.ts';
import { AccessLog, type AccessLogSettings } from './access-log.ts';
import { Tally, type DayCounts } from './tally.ts';

/** Access log and counters. Takes every finished exchange, from whichever engine. */
export interface Records extends Disposable {
  add(exchange: Exchange): void;
  /** What a worker collected; `lost` are exchanges that it could only count. */
  addBatch(exchanges: readonly Exchange[], lost: number): void;
  status(): readonly StatusSection[];
}

export function createRecords(
  siteNames: readonly string[],
  settings: AccessLogSettings,
  devices: Pick<Devices, 'clock' | 'log' | 'metrics'>,
): Records {
  const tally = new Tally(siteNames, devices);
  const accessLog = new AccessLog(settings, devices);
  const add = (exchange: Exchange): void => {
    tally.add(exchange);
    accessLog.add(exchange, tally.nameOf(exchange.site));
  };
  return {
    add,
    addBatch(exchanges, lost) {
      for (const exchange of exchanges) add(exchange);
      if (lost > 0) accessLog.passOver(lost);
    },
    status: () => [
      {
        title: 'Requests today (UTC)',
        rows: [
          ...tally.today().map(([name, counts]) => [name, describe(counts)] as const),
          ...(accessLog.passedOver === 0
            ? []
            : [['Left out of the access log', accessLog.passedOver.toLocaleString('en')] as const]),
        ],
      },
    ],
    [Symbol.dispose]() {
      tally[Symbol.dispose]();
      accessLog[Symbol.dispose]();
    },
  };
}

function describe({ requests, faults, bytes }: DayCounts): string {
  const mib = (bytes / 2 ** 20).toLocaleString('en', { maximumFractionDigits: 1 });
  return `${requests.toLocaleString('en')}, ${faults.toLocaleString('en')} of them failed, ${mib} MiB sent`;
}
