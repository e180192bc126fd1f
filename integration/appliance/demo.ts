import * as z from 'zod';
import { runAppliance } from '../../shared/appliance/run.ts';
import type { Service, ServiceDefinition } from '../../shared/appliance/service.ts';
import type { Platform } from '../../shared/devices/platform.ts';
import { createHostDevices } from '../../shared/host/devices.ts';
import { createProcessPlatform } from '../../shared/host/process-platform.ts';

/**
 * An appliance around a service that does next to nothing, for tests of everything else. LARES_DEMO_KIND=machine makes the
 * platform behave as a machine does where that differs: it stays up with a faulty configuration.
 */
const configuration = z
  .strictObject({
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(0)
      .meta({ description: 'the port to hold', examples: [8080] }),
    'degraded-because': z.string().optional(),
  })
  .prefault({});

const definition: ServiceDefinition<z.output<typeof configuration>> = {
  name: 'demo-service',
  configuration,
  create(config, devices, context): Service {
    let port = 0;
    let listener: AsyncDisposable | undefined;
    return {
      async start() {
        const held = await devices.tcp.listen({ host: '127.0.0.1', port: config.port }, flow =>
          flow.destroy(),
        );
        port = held.address.port;
        listener = held;
        const reason = config['degraded-because'];
        if (reason !== undefined) context.health.degrade('demo', reason);
      },
      urls: () => [`https://127.0.0.1:${port}/`],
      status: () => [
        {
          title: 'Site',
          rows: [
            ['Pages', '12'],
            ['Certificate', 'self-signed, until a certificate authority is configured'],
          ],
        },
      ],
      async [Symbol.asyncDispose]() {
        await listener?.[Symbol.asyncDispose]();
      },
    };
  },
};

const asProcess = createProcessPlatform(process.argv.slice(2), definition.name);
const kind = process.env['LARES_DEMO_KIND'] === 'machine' ? 'machine' : 'process';
const platform: Platform = { ...asProcess, kind };
const devices = await createHostDevices({
  entry: import.meta.url,
  dataFolder: platform.dataFolder,
  planes: {},
  jobs: {},
  services: {},
});
await runAppliance({ platform, devices, definition });
