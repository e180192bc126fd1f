import type { Devices } from '../devices/devices.ts';
import type { LogSink } from '../devices/log.ts';
import type { Platform } from '../devices/platform.ts';
import type { TableSchemas } from './configuration/schema.ts';
import type { ServiceDefinition } from './service.ts';

/** The devices of a host or a simulated world, to which the appliance adds its log sinks. */
export type ApplianceDevices = Devices & AsyncDisposable & { addLogSink(sink: LogSink): Disposable };

export interface RunOptions<Config> {
  readonly platform: Platform;
  readonly devices: ApplianceDevices;
  readonly definition: ServiceDefinition<Config>;
  /** Tables of the configuration that the platform reads for itself (network, time). */
  readonly platformConfiguration?: TableSchemas;
}
