import { describeDatabase } from '../compliance/database.ts';
import { describeFiles } from '../compliance/files.ts';
import { describeKeyValue } from '../compliance/key-value.ts';
import type { StoreFixture } from '../compliance/store-fixture.ts';
import type { Database } from '../devices/database.ts';
import type { SimulatedDevices, SimulatedHost } from './host.ts';
import { World } from './world.ts';

let worlds = 0;

/** A store on a host of its own; to open it again the power goes. */
async function makeStore<Store>(
  open: (devices: SimulatedDevices) => Store | Promise<Store>,
): Promise<StoreFixture<Store> & { host: SimulatedHost }> {
  const world = new World(`store ${worlds++}`);
  const host = world.host('a');
  const running = world.start();
  return {
    host,
    store: await open(host.devices),
    reopen: async () => {
      host.crash();
      return open(host.restart());
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

describeKeyValue('the simulated KeyValue', () => makeStore(devices => devices.keyValue));
describeFiles('the simulated Files', () => makeStore(devices => devices.files));
describeDatabase('the simulated Database', async () => {
  const fixture = await makeStore<Database>(devices => devices.openDatabase('test'));
  return {
    ...fixture,
    open(copy) {
      const { disk, devices } = fixture.host;
      disk.append(disk.create('db/copy.sqlite'), copy);
      return devices.openDatabase('copy');
    },
  };
});
