import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../shared/appliance/testing/fakes.ts';
import { encodeUtf8 } from '../../../shared/base/bytes.ts';
import { deriveKey, formatScryptHash } from '../../../shared/components/passwords/scrypt-hash.ts';
import { createHostRandom } from '../../../shared/host/random.ts';
import { buildSite } from '../../../shared/protocols/http/build-site.ts';
import { indexContent } from '../../../shared/protocols/http/index-content.ts';
import type { Response } from '../../../shared/protocols/http/message.ts';
import type { Site } from '../../../shared/protocols/http/site.ts';
import { formatChallenge, parseBasic } from '../../../shared/components/passwords/basic.ts';
import { passwordFolders, segmentsOf, type PasswordFolder } from './configuration.ts';
import { enter } from './enter.ts';
import { PasswordGate } from './gate.ts';

async function userLine(user: string, password: string): Promise<string> {
  const cheap = { logCost: 4, blockSize: 8, parallelization: 1, salt: new Uint8Array(16) };
  return `${user}:${formatScryptHash({ ...cheap, key: await deriveKey(password, cheap) })}`;
}
const basic = (user: string, password: string): string =>
  `Basic ${encodeUtf8(`${user}:${password}`).toBase64()}`;

let folders: PasswordFolder[];
beforeAll(async () => {
  folders = passwordFolders.parse([
    { folder: '/private/', users: [await userLine('anna', 'pässword'), await userLine('bert', 'b:c')] },
    { folder: '/private/deep/', users: [await userLine('anna', 'pässword')] },
  ]);
});

describe('Basic credentials (RFC 7617)', () => {
  it.each([
    // RFC 7617 §2 and §2.1.
    ['Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', { user: 'Aladdin', password: 'open sesame' }],
    ['basic dGVzdDoxMjPCow==', { user: 'test', password: '123£' }],
    ['Basic Og==', { user: '', password: '' }],
    [basic('a', 'b:c'), { user: 'a', password: 'b:c' }],
    ['Basic QQ==', undefined],
    ['Basic', undefined],
    ['Basic ====', undefined],
    ['Basic gIA6', undefined],
    ['Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==', undefined],
    [`Basic ${'A'.repeat(10_000)}`, undefined],
    [undefined, undefined],
  ])('%s', (field, expected) => {
    expect(parseBasic(field)).toEqual(expected);
  });

  it('are read as they were written, and nothing throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 30 }),
        fc.string({ maxLength: 30 }),
        (user, password) => {
          fc.pre(!user.includes(':'));
          expect(parseBasic(basic(user, password))).toEqual({ user, password });
          parseBasic(user);
          parseBasic(`Basic ${password}`);
        },
      ),
    );
  });

  it('are asked for by a challenge whose realm is quoted', () => {
    expect(formatChallenge('/a"b\\/')).toBe('Basic realm="/a\\"b\\\\/", charset="UTF-8"');
  });
});

describe('the configuration', () => {
  it.each([
    [{ folder: 'private', users: [] }],
    [{ folder: '/../', users: ['x'] }],
    [{ folder: '/a%20b/', users: ['x'] }],
    [{ folder: '/a/', users: [] }],
    [{ folder: '/a/', users: ['anna:hunter2'] }],
    [{ folder: '/a/', users: ['$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$A'] }],
  ])('refuses %j', table => {
    expect(passwordFolders.safeParse([table]).success).toBe(false);
  });

  it('says how to make a right line', () => {
    const { error } = passwordFolders.safeParse([{ folder: '/a/', users: ['anna:hunter2'] }]);
    expect(error?.issues[0]?.message).toContain('lares -- web password NAME');
  });
});

describe('a site with folders behind passwords', () => {
  function setUp() {
    const clock = createFakeClock(0);
    const gate = new PasswordGate(folders, { clock, secureRandom: createHostRandom() });
    const texts: Record<string, string> = {
      'index.html': 'home',
      'private/index.html': 'secret',
      'private/deep/page.html': 'deeper',
      'private/404.txt': 'x',
      _redirects: '/shown /private/index.html 200\n',
    };
    const files = Object.entries(texts).map(([path, text]) => ({ path, bytes: encodeUtf8(text) }));
    const content = indexContent(files, 0);
    if (!content.ok) throw new Error(JSON.stringify(content.error));
    const built = buildSite(content.value, {
      cleanUrls: 'serve',
      listing: true,
      lockedFolders: folders.map(segmentsOf),
    });
    if (!built.ok) throw new Error(JSON.stringify(built.error));
    const site: Site = built.value;
    const ask = (target: string, authorization?: string, client = '192.0.2.1'): Promise<Response> =>
      enter(site, gate, { request: { method: 'GET', target, fields: { authorization } }, client, nowMs: 0 });
    return { clock, ask };
  }
  const textOf = ({ body }: Response): string => body.map(part => new TextDecoder().decode(part)).join('');
  const fieldOf = ({ fields }: Response, name: string): string[] =>
    fields.filter((_, index) => index % 2 === 1 && fields[index - 1] === name);

  it.each([
    ['/private/'],
    ['/private'],
    ['/private/index.html'],
    ['/%70rivate/'],
    ['/private/nothing-here'],
    ['/private/deep/page'],
    ['/shown'],
  ])('%s asks, and says nothing of what is there', async target => {
    const answer = await setUp().ask(target);
    expect(answer.status).toBe(401);
    expect(fieldOf(answer, 'www-authenticate')).toEqual(['Basic realm="/private/", charset="UTF-8"']);
    expect(textOf(answer)).not.toContain('secret');
  });

  it('shows it to who may enter, and to no shared cache', async () => {
    const { ask } = setUp();
    const answer = await ask('/private/', basic('anna', 'pässword'));
    expect([answer.status, textOf(answer)]).toEqual([200, 'secret']);
    expect(fieldOf(answer, 'cache-control')).toEqual(['private, no-cache']);
    expect(fieldOf(answer, 'vary')).toContain('authorization');
    expect((await ask('/private/', basic('bert', 'b:c'))).status).toBe(200);
    expect((await ask('/')).status).toBe(200);
    expect((await ask('/private/nothing-here', basic('anna', 'pässword'))).status).toBe(404);
  });

  it('asks again for a folder in a folder', async () => {
    const { ask } = setUp();
    const refused = await ask('/private/deep/page', basic('bert', 'b:c'));
    expect(fieldOf(refused, 'www-authenticate')).toEqual(['Basic realm="/private/deep/", charset="UTF-8"']);
    expect(textOf(await ask('/private/deep/page', basic('anna', 'pässword')))).toBe('deeper');
  });

  it('answers a wrong password and an unknown user alike, byte for byte', async () => {
    const { ask } = setUp();
    const [wrong, unknown] = [
      await ask('/private/', basic('anna', 'x')),
      await ask('/private/', basic('zoe', 'x')),
    ];
    expect(wrong).toEqual(unknown);
  });

  it('lets a network guess ten times, then four times a minute; who is in stays in, and others enter', async () => {
    const { ask, clock } = setUp();
    await ask('/private/', basic('anna', 'pässword'));
    const statuses: number[] = [];
    for (let index = 0; index < 12; index++)
      statuses.push((await ask('/private/', basic('anna', `guess ${index}`))).status);
    expect(statuses).toEqual([...Array<number>(9).fill(401), 429, 429, 429]);
    expect((await ask('/private/', basic('anna', 'pässword'))).status).toBe(200);
    expect((await ask('/private/', basic('bert', 'b:c'))).status).toBe(429);
    expect((await ask('/private/', basic('bert', 'b:c'), '198.51.100.7')).status).toBe(200);
    await clock.advance(15_000);
    expect((await ask('/private/', basic('anna', 'another guess'))).status).toBe(401);
  });
});
