import { readFile } from 'node:fs/promises';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { webServiceConfiguration } from './config.ts';

describe('the [web-service] table', () => {
  it('may be left out', () => {
    expect(webServiceConfiguration.parse(undefined)).toEqual({
      names: [],
      'access-log': 'all',
      'access-log-mib-per-day': 4,
      'clean-urls': 'serve',
      listing: false,
      'hsts-days': 365,
      'git-interval-minutes': 15,
      sites: [],
      'password-folders': [],
      'site-folder': 'web-service/site',
      address: '::',
      'http-port': 80,
      'https-port': 443,
      'content-max-mib': 64,
      'connections-max': 400,
      'connections-per-address-max': 100,
      engine: 'direct',
    });
  });

  it('of the example states the defaults', async () => {
    const text = await readFile(new URL('../../configs/web-service.toml', import.meta.url), 'utf8');
    const written = webServiceConfiguration.parse(parse(text)['web-service']);
    expect(written).toEqual(webServiceConfiguration.parse({}));
  });

  it.each([
    [{ names: ['Example.org'] }],
    [{ names: ['a..b'] }],
    [{ names: ['*.example.org'] }],
    [{ names: 'example.org' }],
    [{ 'site-folder': '../secret' }],
    [{ 'site-folder': 'a/../b' }],
    [{ 'site-folder': '' }],
    [{ address: 'localhost' }],
    [{ 'https-port': 65_536 }],
    [{ 'https-port': '443' }],
    [{ 'connections-max': 0 }],
    [{ port: 443 }],
  ])('refuses %j', table => {
    expect(webServiceConfiguration.safeParse(table).success).toBe(false);
  });

  it.each([['site'], ['my.site'], ['a/b..c'], ['/srv/www']])('takes the folder %s', folder => {
    expect(webServiceConfiguration.safeParse({ 'site-folder': folder }).success).toBe(true);
  });
});
