import { expect, it } from 'vitest';
import { directory, file } from '../disk/tree.ts';
import { checkZones } from './check-zones.ts';

const RIGHT = '$TTL 60\n@ SOA ns1 x 7 7200 3600 1209600 3600\n@ NS ns1\nns1 A 192.0.2.1\n';

/** Its primary has it, and no file. */
const SECONDARY = { name: 'three.example', sign: false, primaries: [{ address: '192.0.2.1' }] };

function check(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  const entries = Object.entries(files).map(([name, content]) => [name, file(content)] as const);
  return checkZones({
    name: 'zones',
    folder: directory({
      ...Object.fromEntries(entries),
      below: directory({ hosts: file('a A 192.0.2.2\n') }),
    }),
    configuration: {
      'dns-service': { zones: [{ name: 'one.example' }, { name: 'two.example', file: '2' }, SECONDARY] },
    },
  });
}

it('takes what the service takes, with what the files include', async () => {
  await check({ 'one.example.zone': RIGHT, '2': `${RIGHT}$INCLUDE below/hosts\n` });
});

it('tells the faults of all zones at once, with file and line', async () => {
  const checking = check({ 'one.example.zone': `${RIGHT}www FOO x\n`, '2': `${RIGHT}@ CNAME x\n` });
  await expect(checking).rejects.toThrow(
    /one\.example cannot .*\n {2}one\.example\.zone:5: there is no record type FOO.*\n.*two\.example cannot .*\n {2}2:\d: .*CNAME/,
  );
});

it('tells of a file that is not there, and of one that is no text', async () => {
  const checking = check({ 'one.example.zone': Uint8Array.of(0x61, 0xff) });
  await expect(checking).rejects.toThrow(
    /one\.example\.zone: not UTF-8; write other bytes as \\DDD\n.*two\.example .*\n {2}2:1: there is no file/,
  );
});
