import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSiteGuest, type SiteGuest } from './site-guest.ts';
import { lookAt, untilTrusted, visit } from './visitor.ts';

/** A start under emulation on a busy machine; an idle one takes a tenth. */
const READY_MS = 240_000;
const CERTIFICATE_MS = 120_000;

/** A repository that nobody reaches, and a secret for its web hook. */
const HOOK = [
  'git-url = "https://git.lares.test/site.git"',
  'git-interval-minutes = 0',
  'git-hook-secret = "git-hook"',
];

let site: SiteGuest;
beforeAll(async () => {
  site = await createSiteGuest();
});
afterAll(() => site[Symbol.asyncDispose]());

it('an image with one name in lares.toml gets its certificate, and asks for no other after a reboot with a secret on its drive', async () => {
  {
    await using guest = await site.start();
    await guest.waitFor(/lares: ready after /, READY_MS);
    await untilTrusted(site.place, CERTIFICATE_MS);
    expect(await visit(site.place)).toBe(200);
    expect(await guest.powerOff()).toBe(true);
  }
  await site.configure(HOOK, { 'git-hook': 'known to the git host\n' });
  await using guest = await site.start();
  await guest.waitFor(/lares: ready after /, READY_MS);
  expect((await lookAt(site.place)).isTrusted).toBe(true);
  expect(await visit(site.place)).toBe(200);
  expect([site.pebble.orders(), site.pebble.issued()]).toEqual([1, 1]);
  // The secret of the web hook is nowhere but on the drive LARES.
  expect([await callHook('known to the git host'), await callHook('guessed')]).toEqual([204, 403]);
  expect(await guest.powerOff()).toBe(true);
});

function callHook(token: string): Promise<number> {
  const path = `/_lares/pull/${site.place.name}`;
  return visit(site.place, { method: 'POST', path, fields: { 'x-gitlab-token': token } });
}
