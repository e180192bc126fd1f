import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../shared/base/bytes.ts';
import { encodeFile, type EncodeInput } from '../../shared/components/content-codings/encode-file.ts';
import type { Clock } from '../../shared/devices/clock.ts';
import type { Jobs } from '../../shared/devices/jobs.ts';
import type { Response } from '../../shared/protocols/http/message.ts';
import { answer } from '../../shared/protocols/http/site-table.ts';
import { sitesOf, webServiceConfiguration } from './config.ts';
import { Sites } from './sites.ts';

const NOW = Date.UTC(2026, 10, 23);
const devices = {
  clock: { now: () => NOW } as Clock,
  jobs: {
    run: <Output>(_name: string, input: unknown) =>
      Promise.resolve(encodeFile(input as EncodeInput) as Output),
  } as Jobs,
};

function createSites(table: Record<string, unknown> = {}): Sites {
  return new Sites(sitesOf(webServiceConfiguration.parse(table)), devices);
}
async function show(sites: Sites, index: number, texts: Record<string, string>): Promise<void> {
  const files = Object.entries(texts).map(([path, text]) => ({ path, bytes: encodeUtf8(text) }));
  const staged = await sites.stage(index, files);
  if (!staged.ok) throw new Error(JSON.stringify(staged.error));
  staged.value();
}
function ask(sites: Sites, host: string, target = '/', fields: Record<string, string> = {}): Response {
  const response = answer(sites.table, { method: 'GET', target, fields: { host, ...fields } }, NOW);
  if (response === 'later') throw new Error('later');
  return response;
}
const textOf = ({ body }: Response): string => Buffer.concat(body).toString();
const has = ({ fields }: Response, name: string): boolean => fields.includes(name);

describe('the sites', () => {
  it('one without names answers to every name', async () => {
    const sites = createSites();
    await show(sites, 0, { 'index.html': 'home' });
    for (const host of ['example.org', '192.0.2.1', '']) expect(textOf(ask(sites, host))).toBe('home');
  });

  it('with names answer to theirs alone, and the first name is the preferred one', async () => {
    const sites = createSites({
      names: ['example.org', 'www.example.org'],
      sites: [
        { names: ['photos.example.org'], folder: 'photos' },
        { names: ['lan.example.org'], backend: 'http://192.168.1.20:8080' },
      ],
    });
    await show(sites, 0, { 'index.html': 'home' });
    await show(sites, 1, { 'index.html': 'photos' });
    sites.place({ httpsPort: 4443 });
    expect(textOf(ask(sites, 'example.org'))).toBe('home');
    expect(textOf(ask(sites, 'photos.example.org'))).toBe('photos');
    expect(ask(sites, 'www.example.org', '/a').fields).toContain('https://example.org:4443/a');
    expect(ask(sites, 'other.example').status).toBe(421);
    expect(() => ask(sites, 'lan.example.org')).toThrow('later');
  });

  it('a release is staged beside what is served, and shown in one step', async () => {
    const sites = createSites();
    await show(sites, 0, { 'index.html': 'one', 'a.txt': 'one' });
    const before = sites.table;
    const staged = await sites.stage(0, [{ path: 'index.html', bytes: encodeUtf8('two') }]);
    expect(sites.table).toBe(before);
    expect(textOf(ask(sites, 'x'))).toBe('one');
    if (staged.ok) staged.value();
    expect(textOf(ask(sites, 'x'))).toBe('two');
    expect(ask(sites, 'x', '/a.txt').status).toBe(404);
    // Whoever holds the old table is answered from the old release alone.
    const old = answer(before, { method: 'GET', target: '/a.txt', fields: {} }, NOW);
    expect(old).toMatchObject({ status: 200 });
  });

  it('a release with faults changes nothing', async () => {
    const sites = createSites();
    await show(sites, 0, { 'index.html': 'one' });
    const before = sites.table;
    expect(await sites.stage(0, [])).toMatchObject({ ok: false });
    const rules = { path: '_redirects', bytes: encodeUtf8('/a') };
    expect(await sites.stage(0, [{ path: 'index.html', bytes: encodeUtf8('two') }, rules])).toEqual({
      ok: false,
      error: [{ file: '_redirects', line: 1, reason: 'there is no target: a path or an https:// address' }],
    });
    expect(sites.table).toBe(before);
  });

  it('HSTS is said once the certificate is from an authority, and 0 days mean never', async () => {
    for (const [days, expected] of [
      [365, true],
      [0, false],
    ] as const) {
      const sites = createSites({ names: ['example.org'], 'hsts-days': days });
      await show(sites, 0, { 'index.html': 'home' });
      expect(has(ask(sites, 'example.org'), 'strict-transport-security')).toBe(false);
      sites.place({ trustedNames: new Set(['example.org']) });
      expect(has(ask(sites, 'example.org'), 'strict-transport-security')).toBe(expected);
    }
  });

  it('have codings for who takes them', async () => {
    const sites = createSites();
    await show(sites, 0, { 'index.html': 'a page that repeats itself. '.repeat(100) });
    const response = ask(sites, 'x', '/', { 'accept-encoding': 'gzip, br, zstd' });
    expect(response.fields).toContain('content-encoding');
    expect(response.body[0]?.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('tell every new table to who asked for them', async () => {
    const sites = createSites();
    const seen: unknown[] = [];
    const subscription = sites.subscribe(table => seen.push(table));
    expect(seen).toEqual([]);
    await show(sites, 0, { 'index.html': 'one' });
    subscription[Symbol.dispose]();
    await show(sites, 0, { 'index.html': 'two' });
    expect(seen).toHaveLength(1);
    expect(structuredClone(sites.table).fallback).toMatchObject({ kind: 'site', index: 0 });
  });

  it('make no table where nothing changes', async () => {
    const sites = createSites({ names: ['example.org'] });
    await show(sites, 0, { 'index.html': 'home' });
    const place = () => ({ httpsPort: 4443, trustedNames: new Set(['example.org']), laterPaths: ['hook'] });
    sites.place(place());
    const { table } = sites;
    sites.place(place());
    expect(sites.table).toBe(table);
    sites.place({ laterPaths: [] });
    expect(sites.table).not.toBe(table);
  });
});
