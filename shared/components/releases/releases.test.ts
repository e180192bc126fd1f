import { describe, expect, it } from 'vitest';
import type { Result } from '../../base/result.ts';
import type { SimulatedHost } from '../../simulation/host.ts';
import { World } from '../../simulation/world.ts';
import { ContentRefused, type Refusal } from './release.ts';
import { BAKED_IN_TEXTS, numbered, openHome, SIZE_MAX_BYTES } from './testing/home.ts';

/** Runs a story on one machine of a simulated world. */
function onHost(story: (host: SimulatedHost) => Promise<void>): Promise<void> {
  const world = new World('releases');
  return world.run(() => story(world.host('server')));
}

function refusal(result: Result<unknown, Refusal>): string {
  return result.ok ? 'not refused' : `${result.error.kind}: ${result.error.faults[0]?.reason}`;
}

describe('openReleases()', () => {
  it('shows what is baked in until something was put', () =>
    onHost(async ({ devices }) => {
      const home = await openHome(devices);
      expect(home.shown()).toEqual(BAKED_IN_TEXTS);
      expect(home.releases.list()).toMatchObject([{ id: 0, source: 'baked in', files: 1 }]);
    }));

  it('shows what was shown last, after a power cut too', () =>
    onHost(async host => {
      await (await openHome(host.devices)).put(numbered(1));
      host.crash();
      const home = await openHome(host.restart());
      expect(home.shown()).toEqual(numbered(1));
      expect(home.releases.current()).toMatchObject({ id: 1, source: 'a test', files: 3 });
    }));

  it('goes back a step where the release shown last is damaged, and says so', () =>
    onHost(async host => {
      const before = await openHome(host.devices);
      await before.put(numbered(1));
      await before.put(numbered(2));
      expect(host.disk.corrupt('files/releases/example.org/2')).toBe(true);
      host.crash();
      const home = await openHome(host.restart());
      expect(home.shown()).toEqual(numbered(1));
      expect([...home.troubles.values()][0]).toMatch(
        /^Release 2 of example.org cannot be shown, release 1 is/,
      );
      await home.put(numbered(3));
      expect([home.shown(), home.troubles.size]).toEqual([numbered(3), 0]);
    }));

  it('throws where not even the baked-in content can be shown', () =>
    onHost(async ({ devices }) => {
      const stage = async () => ({ ok: false, error: [{ reason: 'there is no index.html' }] }) as const;
      await expect(openHome(devices, { stage })).rejects.toBeInstanceOf(ContentRefused);
    }));
});

describe('put()', () => {
  it('shows the release and tells what changed', () =>
    onHost(async ({ devices }) => {
      const home = await openHome(devices);
      await home.put({ 'index.html': 'a', 'old.html': 'x', 'same.html': 's' });
      const put = await home.put({ 'index.html': 'b', 'new.html': 'y', 'same.html': 's' });
      expect(put).toMatchObject({
        value: {
          release: { id: 2, files: 3, sizeBytes: 3 },
          changes: { added: 1, changed: 1, removed: 1, names: ['~ index.html', '+ new.html', '- old.html'] },
        },
      });
    }));

  it('takes thousands of files, in one file and with one sync of it', () =>
    onHost(async host => {
      const texts = Object.fromEntries(
        Array.from({ length: 3_000 }, (_, index) => [
          `room-${index % 20}/page-${index}.html`,
          `page ${index}`,
        ]),
      );
      const home = await openHome(host.devices);
      expect((await home.put({ 'index.html': 'x', ...texts })).ok).toBe(true);
      expect(await host.devices.files.list('')).toHaveLength(1);
      host.crash();
      expect((await openHome(host.restart())).shown()).toEqual({ 'index.html': 'x', ...texts });
    }));

  it('makes no release of what is shown already', () =>
    onHost(async ({ devices }) => {
      const home = await openHome(devices);
      expect(await home.put(BAKED_IN_TEXTS)).toMatchObject({ value: { release: { id: 0 } } });
      await home.put(numbered(1));
      expect(await home.put(numbered(1))).toMatchObject({
        value: { release: { id: 1 }, changes: { added: 0 } },
      });
      expect(await devices.files.list('')).toEqual(['releases/example.org/1']);
    }));

  it('refuses what the check finds wrong, and keeps nothing of it', () =>
    onHost(async ({ devices }) => {
      const home = await openHome(devices);
      expect(refusal(await home.put({ 'a.html': '' }))).toBe('faulty: there is no index.html');
      expect(refusal(await home.put({ 'index.html': '', '../x': '' }))).toMatch(
        /^faulty: the name has '\.\.'/,
      );
      const large = { 'index.html': 'x'.repeat(SIZE_MAX_BYTES + 1) };
      expect(refusal(await home.put(large))).toMatch(/^too-large: the files have more than 4 MiB/);
      expect(home.shown()).toEqual(BAKED_IN_TEXTS);
      expect(await devices.files.list('')).toEqual([]);
    }));

  it('refuses where the data volume is full, before or in the middle, and keeps the old release', () =>
    onHost(async host => {
      const home = await openHome(host.devices);
      await home.put(numbered(1));
      for (const roomBytes of [0, 40, 1_000, 100_000]) {
        host.disk.totalBytes = host.disk.usedBytes + roomBytes;
        const large = { ...numbered(2), large: 'x'.repeat(200_000) };
        expect(refusal(await home.put(large))).toMatch(/^no-space: the data volume is full: /);
        expect(home.shown()).toEqual(numbered(1));
        expect(await host.devices.files.list('')).toEqual(['releases/example.org/1']);
      }
      host.disk.totalBytes = 1e9;
      expect((await home.put(numbered(2))).ok).toBe(true);
    }));

  it('refuses a second one while the first is on its way', () =>
    onHost(async ({ devices }) => {
      const home = await openHome(devices);
      const [first, second] = await Promise.all([home.put(numbered(1)), home.put(numbered(2))]);
      expect([first.ok, refusal(second)]).toEqual([true, expect.stringMatching(/^busy: another release/)]);
      expect(home.shown()).toEqual(numbered(1));
    }));

  it('keeps ten releases, and gives up the oldest', () =>
    onHost(async ({ devices }) => {
      const home = await openHome(devices);
      for (let number = 1; number <= 13; number++) await home.put(numbered(number));
      expect(home.releases.list().map(({ id }) => id)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 0]);
      expect(await devices.files.list('')).toHaveLength(10);
    }));

  it('keeps four times what one release may have', () =>
    onHost(async ({ devices }) => {
      const home = await openHome(devices);
      const large = (letter: string) => ({ 'index.html': letter.repeat(SIZE_MAX_BYTES - 1_000) });
      for (const letter of 'abcdefg') await home.put(large(letter));
      expect(home.releases.list().map(({ id }) => id)).toEqual([7, 6, 5, 4, 0]);
    }));
});

describe('rollback() and activate()', () => {
  it('go back step by step, and to any release', () =>
    onHost(async host => {
      const home = await openHome(host.devices);
      for (const number of [1, 2, 3]) await home.put(numbered(number));
      await home.releases.rollback();
      expect(home.shown()).toEqual(numbered(2));
      await home.releases.rollback();
      await home.releases.rollback();
      expect(home.shown()).toEqual(BAKED_IN_TEXTS);
      expect(refusal(await home.releases.rollback())).toMatch(
        /^not-found: example.org shows its first release/,
      );
      await home.releases.activate(3);
      expect(refusal(await home.releases.activate(7))).toBe(
        'not-found: example.org has no release 7; it has 3, 2, 1, 0',
      );
      host.crash();
      expect((await openHome(host.restart())).shown()).toEqual(numbered(3));
    }));

  it('a damaged release is no step on the way back, nor what is kept for it', () =>
    onHost(async host => {
      const before = await openHome(host.devices);
      await before.put(numbered(1));
      await before.put(numbered(2));
      host.disk.corrupt('files/releases/example.org/2');
      host.crash();
      const home = await openHome(host.restart());
      await home.put(numbered(3));
      await home.releases.rollback();
      expect(home.shown()).toEqual(numbered(1));
      await home.releases.rollback();
      expect(home.shown()).toEqual(BAKED_IN_TEXTS);
    }));

  it('what is shown in place of damaged releases is never given up', () =>
    onHost(async host => {
      const before = await openHome(host.devices);
      for (let number = 1; number <= 10; number++) await before.put(numbered(number));
      for (let number = 2; number <= 10; number++) host.disk.corrupt(`files/releases/example.org/${number}`);
      host.crash();
      const home = await openHome(host.restart());
      expect(home.releases.current().id).toBe(1);
      await home.put(numbered(11));
      await home.releases.rollback();
      expect(home.shown()).toEqual(numbered(1));
    }));

  it('what is shown already makes no step', () =>
    onHost(async ({ devices }) => {
      const home = await openHome(devices);
      await home.put(numbered(1));
      await home.put(numbered(2));
      await home.releases.activate(2);
      await home.releases.activate(2);
      await home.releases.rollback();
      expect(home.shown()).toEqual(numbered(1));
    }));

  it('keep what is shown where the other release is damaged', () =>
    onHost(async host => {
      const home = await openHome(host.devices);
      for (const number of [1, 2]) await home.put(numbered(number));
      host.disk.corrupt('files/releases/example.org/1');
      expect(refusal(await home.releases.rollback())).toMatch(/^damaged: .* does not match its checksum/);
      expect([home.shown(), home.releases.current().id]).toEqual([numbered(2), 2]);
    }));
});
