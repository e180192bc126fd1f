import type { StatusSection } from '../../../shared/appliance/service.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { Exchange, FinishedExchanges } from '../../../shared/devices/http-exchange.ts';
import { statusClassOf } from '../../../shared/protocols/http/status-class.ts';
import { AccessLog, type AccessLogSettings } from './access-log.ts';
import { Tally, type DayCounts } from './tally.ts';

/** Access log and counters. Takes every finished exchange, from whichever engine. */
export interface Records extends Disposable {
  add(exchange: Exchange): void;
  /** What a worker collected until now. */
  addBatch(finished: FinishedExchanges): void;
  status(): readonly StatusSection[];
}

export function createRecords(
  siteNames: readonly string[],
  settings: AccessLogSettings,
  devices: Pick<Devices, 'clock' | 'log' | 'metrics'>,
): Records {
  const tally = new Tally(siteNames, devices);
  const accessLog = new AccessLog(settings, devices);
  const tell = (exchange: Exchange): void => {
    tally.observe(exchange);
    accessLog.add(exchange, tally.nameOf(exchange.site));
  };
  return {
    add(exchange) {
      const { site, protocol, status, sentBytes } = exchange;
      tally.add({ site, protocol, statusClass: statusClassOf(status), requests: 1, sentBytes });
      tell(exchange);
    },
    addBatch({ sums, exchanges }) {
      let untold = 0;
      for (const sum of sums) {
        tally.add(sum);
        if (accessLog.wants(sum.statusClass === '5xx')) untold += sum.requests;
      }
      for (const exchange of exchanges) {
        tell(exchange);
        if (accessLog.wants(exchange.status >= 500)) untold--;
      }
      accessLog.passOver(untold);
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
