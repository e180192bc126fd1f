import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlatformFacts } from '../../shared/devices/platform.ts';
import type { Guest } from '../../images/run/guest.ts';
import { repositoryRoot } from '../../images/cli/repository.ts';
import type { MachineRoot } from './machine-root.ts';
import { buildMachineRoot } from './machine-root.ts';

const BOOT_TIMEOUT_MS = 240_000;
const TEMPLATE = join(repositoryRoot, 'images/prebuilt/x86_64/data.ext4.zst');

/** One boot with everything against it: a faulty configuration, no DHCP server, and a file system that is broken. */
describe('a machine that everything is against', () => {
  let root: MachineRoot;
  let guest: Guest;
  let disk: string;
  let facts: PlatformFacts & { readonly spawn: string };
  const console: string[] = [];

  beforeAll(async () => {
    root = await buildMachineRoot('facts-program.ts', '[network]\nipv4 = "dchp"\n');
    disk = join(root.folder, 'broken.img');
    const volume = zstdDecompressSync(readFileSync(TEMPLATE));
    // The group descriptors: the superblock still says that this is the data volume.
    volume.fill(0x5a, 4096, 8192);
    await writeFile(disk, volume);
    guest = await root.start([{ file: disk }], { network: 'silent', onLine: line => console.push(line) });
    const found = await guest.waitFor(/facts: (\{.*\})/, BOOT_TIMEOUT_MS);
    facts = JSON.parse(found[1] ?? '') as typeof facts;
  }, BOOT_TIMEOUT_MS + 60_000);
  afterAll(async () => {
    await guest?.[Symbol.asyncDispose]();
    await root?.[Symbol.asyncDispose]();
  });

  it('names each fault with what and where, on the console and in its facts', () => {
    const damaged =
      /the data volume \(\/dev\/vdb\) cannot be used: its file system is damaged\. Nothing there was touched/;
    expect(console.join('\n')).toMatch(damaged);
    expect(facts.faults.join('\n')).toMatch(damaged);
    expect(console.join('\n')).toMatch(/no network address yet: eth0: no DHCP server has answered yet/);
    expect(facts.faults).toContain('eth0: no DHCP server has answered yet');
  });

  it('is locked on every thread, without a capability in force, and starts no program', () => {
    expect(facts.tasks.length).toBeGreaterThan(4);
    for (const task of facts.tasks)
      expect(task).toMatchObject({ seccomp: 2, capabilities: '0000000000000000' });
    expect([facts.execve, facts.spawn]).toEqual(['EPERM', 'EPERM']);
  });

  it('powers off in order at the button, and has changed nothing on the broken disk', async () => {
    const before = createHash('sha256').update(
      zstdDecompressSync(readFileSync(TEMPLATE)).fill(0x5a, 4096, 8192),
    );
    expect(await guest.powerOff()).toBe(true);
    expect(console.join('\n')).toMatch(/stopping: the power button was pressed[^]*lares: power off/);
    expect(createHash('sha256').update(readFileSync(disk)).digest('hex')).toBe(before.digest('hex'));
  });
});
