import { describe, expect, it } from 'vitest';
import { DeviceError } from '../../../devices/device-error.ts';
import type { SimulatedHost } from '../../../simulation/host.ts';
import { World } from '../../../simulation/world.ts';
import { createGitHost, type GitHost } from '../testing/git-host.ts';
import { openHome, type Home } from '../testing/home.ts';
import { followGit, type GitSource } from './git-source.ts';

const URL = 'https://git.example.org/anna/site.git';
const MINUTE = 60_000;

interface Story {
  readonly world: World;
  readonly host: SimulatedHost;
  readonly git: GitHost;
  readonly home: Home;
  readonly troubles: Map<string, string>;
  /** Begins to follow, as after a start of the appliance. */
  readonly follow: (intervalMinutes?: number) => GitSource;
}

function story(tell: (story: Story) => Promise<void>): Promise<void> {
  const world = new World('git');
  return world.run(async () => {
    const host = world.host('server');
    const home = await openHome(host.devices);
    const git = createGitHost();
    const troubles = new Map<string, string>();
    const health = {
      degrade: (key: string, reason: string) => void troubles.set(key, reason),
      recover: (key: string) => void troubles.delete(key),
    };
    const follow = (intervalMinutes = 15): GitSource =>
      followGit(
        home.releases,
        { remote: { url: URL, folder: '' }, intervalMinutes, token: undefined },
        { ...host.devices, http: git.http },
        health,
      );
    await tell({ world, host, git, home, troubles, follow });
  });
}

describe('followGit()', () => {
  it('shows the newest commit at once, and each new one after the interval', () =>
    story(async ({ world, git, home, follow }) => {
      git.commit({ 'index.html': 'one' });
      using source = follow();
      await world.sleep(1_000);
      expect(home.shown()).toEqual({ 'index.html': 'one' });
      expect(home.releases.current().source).toMatch(/^git [0-9a-f]{10}$/);
      git.commit({ 'index.html': 'two' });
      await world.sleep(13 * MINUTE);
      expect(home.shown()).toEqual({ 'index.html': 'one' });
      await world.sleep(3 * MINUTE);
      expect(home.shown()).toEqual({ 'index.html': 'two' });
      expect(source.rows()).toEqual([
        ['Followed', URL],
        ['Last look', expect.stringMatching(/UTC: it shows the newest commit$/)],
        ['Next look', expect.stringMatching(/^2026-01-01 00:\d\d:\d\d UTC$/)],
      ]);
    }));

  it('fetches a commit once, and does not overrule who went back', () =>
    story(async ({ world, git, home, follow }) => {
      git.commit({ 'index.html': 'one' });
      const source = follow();
      await world.sleep(1_000);
      await home.releases.rollback();
      source[Symbol.dispose]();
      using _again = follow();
      await world.sleep(100 * MINUTE);
      expect([home.releases.current().id, git.fetched.length, git.looks > 5]).toEqual([0, 1, true]);
    }));

  it('says that the remote is not reached, with the next try, and keeps the old release', () =>
    story(async ({ world, git, home, troubles, follow }) => {
      git.commit({ 'index.html': 'one' });
      using _source = follow();
      await world.sleep(1_000);
      git.fail(new DeviceError('unreachable', 'there is no way to git.example.org'));
      git.commit({ 'index.html': 'two' });
      await world.sleep(16 * MINUTE);
      expect([...troubles.values()]).toEqual([
        expect.stringMatching(
          /^The content of example.org could not be taken from https:.*: there is no way to git.example.org\. Release 1 stays; next try 2026-01-01 00:\d\d:\d\d UTC$/,
        ),
      ]);
      expect(home.shown()).toEqual({ 'index.html': 'one' });
      git.fail(undefined);
      await world.sleep(16 * MINUTE);
      expect([home.shown(), troubles.size]).toEqual([{ 'index.html': 'two' }, 0]);
    }));

  it('tries again after a minute, then ever later, up to the interval', () =>
    story(async ({ world, git, follow }) => {
      git.fail(new DeviceError('refused', 'nobody answers'));
      using _source = follow(60);
      const looks: number[] = [];
      for (let minute = 0; minute < 180; minute += 30) {
        const before = git.looks;
        await world.sleep(30 * MINUTE);
        looks.push(git.looks - before);
      }
      // At 0, 1, 3, 7, 15 and 31 minutes, each wait up to a tenth shorter; then every hour.
      expect(looks).toEqual([6, 1, 0, 1, 0, 1]);
    }));

  it('tells what is wrong with a commit, and waits for another one', () =>
    story(async ({ world, git, home, troubles, follow }) => {
      git.commit({ 'start.html': 'no index' });
      using _source = follow();
      await world.sleep(60 * MINUTE);
      expect([...troubles.values()][0]).toMatch(
        /commit [0-9a-f]{10} was refused: there is no index.html\. Release 0/,
      );
      expect(git.fetched).toHaveLength(1);
      git.commit({ 'index.html': 'better' });
      await world.sleep(16 * MINUTE);
      expect([home.shown(), troubles.size]).toEqual([{ 'index.html': 'better' }, 0]);
    }));

  it.each<[string, (git: GitHost) => void]>([
    ['unpacks to', git => git.commit({ 'index.html': 'x'.repeat(48 * 1024 * 1024) })],
    [
      'is sent as',
      git => {
        git.commit({ 'index.html': 'large' });
        git.failFetches(new DeviceError('too-large', "the answer's body is longer than 45056000 bytes"));
      },
    ],
  ])('fetches a commit once that %s more than is allowed, and tells what is', (_how, commit) =>
    story(async ({ world, git, troubles, follow }) => {
      commit(git);
      using _source = follow();
      await world.sleep(100 * MINUTE);
      expect([git.fetched.length, git.looks > 5]).toEqual([1, true]);
      expect([...troubles.values()][0]).toMatch(
        /commit [0-9a-f]{10} was refused: the files have more than 4 MiB together, and no more is allowed\. /,
      );
    }),
  );

  it('looks when told, ten seconds apart however often it is told', () =>
    story(async ({ world, git, home, follow }) => {
      git.commit({ 'index.html': 'one' });
      using source = follow(0);
      await world.sleep(20 * MINUTE);
      expect(git.looks).toBe(1);
      git.commit({ 'index.html': 'two' });
      for (let call = 0; call < 100; call++) {
        source.pull();
        await world.sleep(250);
      }
      await world.sleep(20_000);
      expect(home.shown()).toEqual({ 'index.html': 'two' });
      expect(git.looks).toBeLessThanOrEqual(5);
    }));

  it('survives a bug in itself', () =>
    story(async ({ world, git, troubles, follow }) => {
      git.fail(new TypeError('x is undefined') as unknown as DeviceError);
      using _source = follow();
      await world.sleep(1_000);
      expect([...troubles.values()][0]).toContain('its answer could not be read');
    }));
});
