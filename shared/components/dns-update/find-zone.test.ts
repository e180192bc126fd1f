import { expect, it } from 'vitest';
import { encodeMessage, type RecordToEncode } from '../../protocols/dns/encode-message.ts';
import { CLASS_IN, decodeMessage, FLAG, RCODE, TYPE, type Message } from '../../protocols/dns/message.ts';
import { formatName, parseName, type Name } from '../../protocols/dns/name.ts';
import { findZone } from './find-zone.ts';

function named(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function record(name: string, type: number): RecordToEncode {
  return { name: named(name), type, class: CLASS_IN, ttlSeconds: 60, data: new Uint8Array(1) };
}

function message(
  flags: number,
  sections: Partial<Record<'answers' | 'authorities', RecordToEncode[]>>,
): Message {
  const decoded = decodeMessage(encodeMessage({ id: 1, flags: FLAG.QR | flags, questions: [], ...sections }));
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
}

/** A server that answers by name asked for, and REFUSED for any other. */
function find(answers: Readonly<Record<string, Message>>): Promise<string> {
  const asked = async ({ name }: { name: Name }): Promise<Message> =>
    answers[formatName(name)] ?? message(RCODE.REFUSED, {});
  return findZone(named('_acme-challenge.www.lares.test'), asked, 'ns1').then(formatName);
}

const soa = record('lares.test', TYPE.SOA);

it.each([
  [
    'the SOA beside a denial',
    '_acme-challenge.www.lares.test',
    message(FLAG.AA | RCODE.NXDOMAIN, { authorities: [soa] }),
  ],
  ['the SOA itself', 'lares.test', message(FLAG.AA, { answers: [soa] })],
])('finds the zone by %s', async (_what, at, answer) => {
  expect(await find({ [at]: answer })).toBe('lares.test');
});

it('goes up where a server has nothing to say, and says so where it never has', async () => {
  await expect(find({})).rejects.toThrow('ns1 has no zone that _acme-challenge.www.lares.test is in');
});

it('believes neither an answer without authority nor the SOA of another zone', async () => {
  const guesses = {
    'www.lares.test': message(0, { answers: [soa] }),
    'lares.test': message(FLAG.AA, { answers: [record('other.test', TYPE.SOA)] }),
  };
  await expect(find(guesses)).rejects.toThrow('ns1 has no zone');
});

it('does not take the zone above a delegation', async () => {
  const answers = {
    'www.lares.test': message(0, { authorities: [record('www.lares.test', TYPE.NS)] }),
    'lares.test': message(FLAG.AA, { answers: [soa] }),
  };
  await expect(find(answers)).rejects.toThrow(
    'has handed _acme-challenge.www.lares.test on to other servers',
  );
});
