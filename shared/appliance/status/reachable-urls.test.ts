import { describe, expect, it } from 'vitest';
import { reachableUrls } from './reachable-urls.ts';

describe('reachableUrls()', () => {
  it('names each of the machine’s own addresses instead of localhost', () => {
    expect(
      reachableUrls(
        ['https://localhost/'],
        ['192.0.2.15/24', '2001:db8::5/64', 'fe80::1/64', '127.0.0.1/8', '::1/128'],
      ),
    ).toEqual(['https://192.0.2.15/', 'https://[2001:db8::5]/']);
  });

  it('keeps the port, and names that the owner gave', () => {
    expect(reachableUrls(['https://localhost:4443/', 'https://example.org/'], ['192.0.2.15/24'])).toEqual([
      'https://192.0.2.15:4443/',
      'https://example.org/',
    ]);
  });

  it('keeps localhost where the machine has no address yet', () => {
    expect(reachableUrls(['https://localhost/'], ['fe80::1/64'])).toEqual(['https://localhost/']);
  });
});
