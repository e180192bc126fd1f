import type { Metrics } from '../../devices/metrics.ts';
import type { HealthState } from '../health/health-core.ts';
import type { StatusReport } from '../status/report.ts';

const STATES: readonly HealthState[] = ['starting', 'ready', 'degraded', 'stopping'];
/** From "nothing happened" to "everybody noticed", in seconds. */
const DELAY_BUCKETS = [0.005, 0.02, 0.1, 0.5, 2, 10];

export interface ApplianceMetrics {
  /** How late a timer ran: what a request waits for when something holds the event loop. */
  observeDelay(seconds: number): void;
  /** Brings the gauges up to the report; called when somebody asks for metrics. */
  update(report: StatusReport): void;
}

/** What every appliance measures of itself; services add their own. */
export function createApplianceMetrics(metrics: Metrics): ApplianceMetrics {
  const build = metrics.gauge('lares_build_info', 'Always 1; the labels tell what runs.', [
    'service',
    'version',
    'runtime',
    'kernel',
  ]);
  const health = metrics.gauge('lares_health', '1 for the state that the appliance is in.', ['state']);
  const troubles = metrics.gauge('lares_degraded_reasons', 'Conditions that are wrong now.');
  const uptime = metrics.gauge('lares_uptime_seconds', 'Since the kernel (or the process) started.');
  const memoryTotal = metrics.gauge('lares_memory_total_bytes', 'Memory of the machine.');
  const memoryAvailable = metrics.gauge('lares_memory_available_bytes', 'Memory that can still be had.');
  const resident = metrics.gauge('lares_resident_memory_bytes', 'Memory of the runtime.');
  const diskTotal = metrics.gauge('lares_disk_total_bytes', 'Size of the data volume.');
  const diskFree = metrics.gauge('lares_disk_free_bytes', 'Free on the data volume.');
  const delay = metrics.histogram('lares_event_loop_delay_seconds', 'How late a timer ran.', DELAY_BUCKETS);
  return {
    observeDelay: seconds => delay.observe(seconds),
    update({ machine, service, state, reasons, disk }) {
      const version = machine.boot?.version ?? 'process';
      build.set(1, { service, version, runtime: machine.runtime, kernel: machine.kernel });
      for (const each of STATES) health.set(each === state ? 1 : 0, { state: each });
      troubles.set(reasons.length);
      uptime.set(machine.uptimeSeconds);
      memoryTotal.set(machine.memory.totalBytes);
      memoryAvailable.set(machine.memory.availableBytes);
      resident.set(process.memoryUsage.rss());
      if (disk === undefined) return;
      diskTotal.set(disk.totalBytes);
      diskFree.set(disk.freeBytes);
    },
  };
}
