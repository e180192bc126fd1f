import { describe, expect, it } from 'vitest';
import { parseHex } from '../base/bytes.ts';
import type { RecordData, RecordType, Resolver } from '../devices/resolver.ts';
import type { Make } from './waiting.ts';

export interface ResolverWorld {
  /** Finds what {@link complianceZone} says and nothing else below `test`. */
  readonly resolver: Resolver;
}

export interface ZoneRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly data: RecordData[RecordType];
}

// As long as a SHA-256 digest, which the types of TLSA and DS below say.
const digest = parseHex('00ff10a5'.repeat(8))!;

/** The world that the suite asks about. All TTLs are 300 s. Questions below `fault.test` are answered by SERVFAIL. */
export const complianceZone: readonly ZoneRecord[] = [
  { name: 'host.test', type: 'A', data: '192.0.2.1' },
  { name: 'host.test', type: 'A', data: '192.0.2.2' },
  { name: 'host.test', type: 'AAAA', data: '2001:db8::1' },
  { name: 'alias.test', type: 'CNAME', data: 'second.test' },
  { name: 'second.test', type: 'CNAME', data: 'host.test' },
  { name: 'mail.test', type: 'MX', data: { preference: 10, exchange: 'mx1.test' } },
  { name: 'mail.test', type: 'MX', data: { preference: 20, exchange: 'mx2.test' } },
  { name: 'mail.test', type: 'TXT', data: ['v=spf1 -all', 'second string'] },
  { name: '_xmpp._tcp.test', type: 'SRV', data: { priority: 1, weight: 2, port: 5222, target: 'host.test' } },
  { name: 'mail.test', type: 'CAA', data: { flags: 128, tag: 'issue', value: 'ca.test; policy=ev' } },
  {
    name: '_25._tcp.mail.test',
    type: 'TLSA',
    data: { usage: 3, selector: 1, matchingType: 1, data: digest },
  },
  { name: 'signed.test', type: 'DS', data: { keyTag: 60_485, algorithm: 13, digestType: 2, digest } },
  { name: 'mail.test', type: 'NS', data: 'ns.test' },
  { name: '1.2.0.192.in-addr.arpa', type: 'PTR', data: 'host.test' },
  // More than fits into a datagram of 1,232 bytes.
  ...Array.from({ length: 8 }, (_, index): ZoneRecord => ({
    name: 'long.test',
    type: 'TXT',
    data: [String(index).repeat(250)],
  })),
];

/** What every {@link Resolver} must do. */
export function describeResolver(name: string, make: Make<ResolverWorld>): void {
  const check = (title: string, test: (resolver: Resolver) => Promise<void>): void =>
    it(title, async () => {
      await using world = await make();
      await test(world.resolver);
    });

  describe(`${name} finds records`, () => {
    const asked = new Set(complianceZone.map(({ name: owner, type }) => `${owner} ${type}`));
    for (const question of asked) {
      const [owner, type] = question.split(' ') as [string, RecordType];
      check(`${type} of ${owner}`, async resolver => {
        const answer = await resolver.resolve(owner, type);
        expect(answer.exists).toBe(true);
        expect(sorted(answer.records)).toEqual(sorted(dataOf(owner, type)));
        expect(answer.ttlSeconds).toBeGreaterThan(0);
        expect(answer.ttlSeconds).toBeLessThanOrEqual(300);
      });
    }

    check('aliases are followed', async resolver => {
      const { records, exists } = await resolver.resolve('alias.test', 'A');
      expect(sorted(records)).toEqual(['192.0.2.1', '192.0.2.2']);
      expect(exists).toBe(true);
    });

    check('names are compared without regard to case; a final dot is fine', async resolver => {
      expect((await resolver.resolve('HOST.Test.', 'AAAA')).records).toEqual(['2001:db8::1']);
    });
  });

  describe(`${name} tells what is not there`, () => {
    check('a name without the type has no records and exists', async resolver => {
      const answer = await resolver.resolve('mail.test', 'A');
      expect(answer).toMatchObject({ records: [], exists: true, secure: false });
    });

    check('a name that does not exist says so', async resolver => {
      const answer = await resolver.resolve('absent.test', 'A');
      expect(answer).toMatchObject({ records: [], exists: false, secure: false });
    });

    check('a failing server is name-server-failed', async resolver => {
      await expect(resolver.resolve('broken.fault.test', 'A')).rejects.toMatchObject({
        kind: 'name-server-failed',
        temporary: true,
      });
    });

    check('an aborted signal is thrown', async resolver => {
      const signal = AbortSignal.abort(new Error('never mind'));
      await expect(resolver.resolve('host.test', 'A', signal)).rejects.toThrow('never mind');
    });
  });
}

function dataOf(owner: string, type: RecordType): RecordData[RecordType][] {
  return complianceZone
    .filter(record => record.name === owner && record.type === type)
    .map(({ data }) => data);
}

/** The order of records in an answer means nothing (RFC 2181 §5). */
function sorted<T>(records: readonly T[]): T[] {
  return records.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}
