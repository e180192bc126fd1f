import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkZoneFile } from '../zone/check-zone-file.ts';
import { verb } from './zone.ts';

const RIGHT = '$TTL 60\n@ SOA ns1 x 7 7200 3600 1209600 3600\n@ NS ns1\nns1 A 192.0.2.1\n';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lares-zone-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function put(name: string, text: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('lares zone check', () => {
  it.each(['example.org', 'example.org.zone', 'db.example.org', 'example.org.db'])(
    'knows the zone of %s by its name',
    name => {
      const file = put(name, RIGHT);
      expect(checkZoneFile(file)).toEqual({
        isRight: true,
        lines: [`${file}: right: example.org, serial 7, 3 records`],
      });
    },
  );

  it('takes the zone it is told, and asks where it is not', () => {
    const file = put('zone', RIGHT);
    expect(checkZoneFile(file, 'example.org.').lines).toEqual([
      `${file}: right: example.org, serial 7, 3 records`,
    ]);
    expect(() => checkZoneFile(file)).toThrow('say --origin NAME');
    expect(() => checkZoneFile(file, 'a..b')).toThrow('a..b is no name of a zone: an empty label');
  });

  it('tells faults with file and line, also of files included, and how many more there are', () => {
    put('hosts', 'a A 192.0.2.2\nb A 192.0.2.300\n');
    const file = put('example.org', `${RIGHT}$INCLUDE hosts\n${'c FOO x\n'.repeat(60)}`);
    const { isRight, lines } = checkZoneFile(file);
    expect(isRight).toBe(false);
    expect(lines[0]).toContain(`${join(folder, 'hosts')}:2: error: A, address:`);
    expect(lines[1]).toContain(`${file}:6: error: there is no record type FOO`);
    expect(lines.at(-1)).toBe('… and 11 more errors');
  });

  it('tells warnings of a zone that is right', () => {
    const file = put('example.org', `${RIGHT}www CNAME elsewhere\n`);
    expect(checkZoneFile(file).lines[0]).toBe(
      `${file}:5: warning: the CNAME at www.example.org. leads nowhere: nothing stands at elsewhere.example.org. (RFC 1034 §3.6.2)`,
    );
  });

  it('says so where a file is not there or not text', () => {
    expect(checkZoneFile(join(folder, 'no.where')).lines[0]).toMatch(/:1: error: there is no file /);
    const file = put('bytes.example', Uint8Array.of(0x61, 0xff));
    expect(() => checkZoneFile(file)).toThrow(`${file}: not UTF-8`);
  });

  it('ends with 0, 1 or 2', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const error = vi.spyOn(console, 'error').mockReturnValue();
    expect(await verb.run(['check', put('example.org', RIGHT)])).toBe(0);
    expect(log).toHaveBeenCalledOnce();
    expect(await verb.run(['check', put('example.org', 'x')])).toBe(1);
    expect(await verb.run(['chekc'])).toBe(2);
    expect(error).toHaveBeenLastCalledWith(expect.stringContaining('right is: lares zone check FILE'));
    vi.restoreAllMocks();
  });
});
