import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('zones', () => {
  it('change under the hosts, fail by name, and say what is secure', async () => {
    const world = new World('zones');
    const { zones } = world;
    const { resolver, clock } = world.host('a').devices;
    zones.add('a.example', 'A', '192.0.2.1');
    zones.add('www.example', 'CNAME', 'a.example');
    await world.run(async () => {
      expect(await resolver.resolve('www.example', 'A')).toMatchObject({
        records: ['192.0.2.1'],
        secure: false,
      });
      zones.setSecure('a.example', true);
      expect((await resolver.resolve('www.example', 'A')).secure).toBe(false);
      zones.setSecure('www.example', true);
      expect((await resolver.resolve('www.example', 'A')).secure).toBe(true);

      zones.setFault('a.example', 'timed-out');
      const beganMs = clock.monotonic();
      await expect(resolver.resolve('www.example', 'A')).rejects.toMatchObject({ kind: 'timed-out' });
      expect(clock.monotonic() - beganMs).toBe(5_000);
      zones.setFault('a.example', undefined);

      zones.remove('a.example', 'A');
      expect(await resolver.resolve('a.example', 'A')).toMatchObject({ records: [], exists: true });
      zones.remove('a.example');
      expect(await resolver.resolve('a.example', 'A')).toMatchObject({ records: [], exists: false });
    });
  });

  it('an alias that leads to itself is a failing server', async () => {
    const world = new World('loop');
    world.zones.add('a.example', 'CNAME', 'a.example');
    const { resolver } = world.host('a').devices;
    await world.run(async () => {
      await expect(resolver.resolve('a.example', 'A')).rejects.toMatchObject({ kind: 'name-server-failed' });
    });
  });
});
