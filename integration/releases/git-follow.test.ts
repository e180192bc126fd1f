import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { startGitServer, type GitServer } from './git-server.ts';
import { START_PAGE, startSiteAppliance, type Answer, type SiteAppliance } from './site-appliance.ts';

const HOOK = '/_lares/pull/site';
const SECRET = 'known to the git host and to us';

let server: GitServer;
let appliance: SiteAppliance;

beforeAll(async () => {
  server = await startGitServer();
  server.requireToken('sesame');
  server.commit({ 'public/index.html': '<h1>One</h1>' });
  const keys = [
    `git-url = "${server.url}"`,
    'git-folder = "public"',
    'git-interval-minutes = 0',
    'git-token = "git-token"',
    'git-hook-secret = "git-hook"',
  ];
  appliance = await startSiteAppliance(keys.join('\n'), {
    'git-token': 'sesame\n',
    'git-hook': `${SECRET}\n`,
  });
});
afterAll(async () => {
  await appliance[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function callHook(secret = SECRET, method = 'POST'): Promise<Answer> {
  const content = Buffer.from('{"ref":"refs/heads/main"}');
  const signature = createHmac('sha256', secret).update(content).digest('hex');
  return appliance.page(HOOK, {
    method,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    ...(method === 'POST' ? { content } : {}),
  });
}

const shows = (text: string): Promise<true> =>
  eventually(`the site shows ${text}`, async () => (await appliance.page('/')).text === text);

interface Status {
  readonly state: string;
  readonly reasons: readonly { readonly reason: string }[];
  readonly sections: readonly {
    readonly title: string;
    readonly rows: readonly (readonly [string, string])[];
  }[];
}
const status = async (): Promise<Status> =>
  JSON.parse((await appliance.admin('GET', '/status')).text) as Status;
const reason = (pattern: RegExp): Promise<string> =>
  eventually(`health says ${pattern}`, async () =>
    (await status()).reasons.map(each => each.reason).find(each => pattern.test(each)),
  );

describe('a site that follows a repository', () => {
  it('shows its newest commit, and says so on the status page', async () => {
    await shows('<h1>One</h1>');
    const section = (await status()).sections.find(({ title }) => title === 'Content of site');
    expect(Object.fromEntries(section?.rows ?? [])).toMatchObject({
      Release: expect.stringMatching(/^1, git [0-9a-f]{10}, /) as string,
      Followed: server.url,
      'Last look': expect.stringMatching(/it shows the newest commit$/) as string,
      'Next look': 'when the web hook is called',
    });
  });

  it('takes the next commit when the git host calls, and from nobody else', async () => {
    server.commit({ 'public/index.html': '<h1>Two</h1>' });
    const before = server.requests();
    expect((await callHook('somebody else’s secret')).status).toBe(403);
    expect((await callHook(SECRET, 'GET')).status).toBe(405);
    expect(server.requests()).toBe(before);
    expect((await callHook()).status).toBe(204);
    await shows('<h1>Two</h1>');
  });

  it('keeps the old release where the remote fails, and says why and when it looks again', async () => {
    server.fail('close');
    await callHook();
    expect(await reason(/could not be taken from/)).toMatch(
      /^The content of site could not be taken from http:.*\. Release 2 stays; next try 2\d{3}-.* UTC$/,
    );
    expect((await appliance.page('/')).text).toBe('<h1>Two</h1>');
    server.fail(undefined);
    await callHook();
    await eventually('all is well', async () => (await status()).state === 'ready');
  });

  it('keeps the old release where the commit is no site, and names what is wrong', async () => {
    server.commit({ 'public/index.html': 'x', 'public/_redirects': '/only-one-path\n' });
    await callHook();
    expect(await reason(/commit [0-9a-f]{10} was refused: _redirects:1: /)).toContain('Release 2 stays');
    expect((await appliance.page('/')).text).toBe('<h1>Two</h1>');
  });

  it('stays where its owner went back to', async () => {
    const { stdout } = await appliance.household.lares('site', 'activate', '0', '--to', appliance.host);
    expect(stdout).toContain('site shows release 0, baked in');
    server.git('reset', '--hard', '--quiet', 'HEAD~1');
    await callHook();
    await eventually('all is well', async () => (await status()).state === 'ready');
    expect((await appliance.page('/')).text).toBe(START_PAGE);
  });
});
