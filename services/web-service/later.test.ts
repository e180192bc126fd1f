import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../shared/base/bytes.ts';
import { encodeFile, type EncodeInput } from '../../shared/components/content-codings/encode-file.ts';
import { deriveKey, formatScryptHash } from '../../shared/components/passwords/scrypt-hash.ts';
import type { Clock } from '../../shared/devices/clock.ts';
import type { Jobs } from '../../shared/devices/jobs.ts';
import { createHostRandom } from '../../shared/host/random.ts';
import type { Response } from '../../shared/protocols/http/message.ts';
import { sitesOf, webServiceConfiguration } from './config.ts';
import { createLater, type Receiver } from './later.ts';
import { Sites } from './sites.ts';

const clock = {
  now: () => 0,
  // What the gate counts attempts by.
  monotonic: () => {
    throw new Error('a planned fault of the gate');
  },
} as unknown as Clock;
const jobs = {
  run: <Output>(_name: string, input: unknown) => Promise.resolve(encodeFile(input as EncodeInput) as Output),
} as Jobs;
const brokenReceiver: Receiver = () => Promise.reject(new Error('a planned fault of the receiver'));
const textOf = ({ body }: Response): string => Buffer.concat(body).toString();

/** A site whose web hook and whose gate fail, with these files. */
async function ask(
  target: string,
  files: Readonly<Record<string, string>>,
): Promise<{ answer: Response; faults: unknown[] }> {
  const cheap = { logCost: 4, blockSize: 8, parallelization: 1, salt: new Uint8Array(16) };
  const user = `anna:${formatScryptHash({ ...cheap, key: await deriveKey('right', cheap) })}`;
  const sites = new Sites(
    sitesOf(webServiceConfiguration.parse({ 'password-folders': [{ folder: '/private/', users: [user] }] })),
    { clock, jobs },
  );
  const contents = Object.entries(files).map(([path, text]) => ({ path, bytes: encodeUtf8(text) }));
  const staged = await sites.stage(0, contents);
  if (!staged.ok) throw new Error(JSON.stringify(staged.error));
  staged.value();
  const faults: unknown[] = [];
  const devices = { clock, secureRandom: createHostRandom() };
  const later = createLater(sites, new Map([['hook', brokenReceiver]]), devices, fault => faults.push(fault));
  const authorization = `Basic ${Buffer.from('anna:wrong').toString('base64')}`;
  const request = { method: 'GET', target, fields: { host: 'one.example', authorization } };
  return { answer: await later(request, new Uint8Array(), undefined), faults };
}

describe.each([
  ['a web hook', '/hook', 'a planned fault of the receiver'],
  ['a gate', '/private/', 'a planned fault of the gate'],
])('%s that fails', (_what, target, message) => {
  it("is told of, and answered by the site's own page for it", async () => {
    const files = { 'index.html': 'home', 'private/index.html': 'secret', '500.html': 'our fault' };
    const { answer, faults } = await ask(target, files);
    expect([answer.status, textOf(answer), answer.site]).toEqual([500, 'our fault', 0]);
    expect(faults).toEqual([new Error(message)]);
  });

  it('or by a short one in words, where the site has none', async () => {
    const { answer } = await ask(target, { 'index.html': 'home', 'private/index.html': 'secret' });
    expect([answer.status, textOf(answer)]).toEqual([500, '500 Internal Server Error\n']);
  });
});
