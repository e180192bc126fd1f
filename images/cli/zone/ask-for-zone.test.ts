import { expect, it } from 'vitest';
import { encodeMessage, type RecordToEncode } from '../../../shared/protocols/dns/encode-message.ts';
import {
  CLASS_IN,
  decodeMessage,
  FLAG,
  RCODE,
  TYPE,
  type Message,
  type Question,
} from '../../../shared/protocols/dns/message.ts';
import { equalNames, parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import type { RRset, Zone } from '../../../shared/protocols/dns/rrset.ts';
import { askForZone } from './ask-for-zone.ts';

function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const apex = name('example.org');
const set = (owner: string, type: number, ...data: Uint8Array[]): RRset => ({
  owner: name(owner),
  type,
  ttlSeconds: 60,
  data,
});
const soa = set('example.org', TYPE.SOA, new Uint8Array(22));
const address = set('a.example.org', TYPE.A, Uint8Array.of(192, 0, 2, 1), Uint8Array.of(192, 0, 2, 2));
const cut = set('sub.example.org', TYPE.NS, Uint8Array.of(0));
const glue = set('ns.sub.example.org', TYPE.A, Uint8Array.of(192, 0, 2, 3));
const known: Zone = { apex, rrsets: [soa, address, cut, glue] };

const records = ({ owner, type, ttlSeconds, data }: RRset): RecordToEncode[] =>
  data.map(one => ({ name: owner, type, class: CLASS_IN, ttlSeconds, data: one }));

/** A server of the zone that has the SOA, the delegation with its glue, and of addresses those given. */
function server(addresses: RRset, flags: number = FLAG.AA): (question: Question) => Promise<Message> {
  return async question => {
    const isAt = ({ owner, type }: RRset): boolean =>
      equalNames(question.name, owner) && question.type === type;
    const isBelowCut = equalNames(question.name.slice(-3), cut.owner);
    const answers = [soa, addresses].filter(isAt).flatMap(records);
    const decoded = decodeMessage(
      encodeMessage({
        id: 1,
        flags: FLAG.QR | (isBelowCut ? 0 : flags),
        questions: [question],
        answers,
        ...(isBelowCut && { authorities: records(cut), additionals: records(glue) }),
      }),
    );
    if (!decoded.ok) throw new Error(decoded.error);
    return decoded.value;
  };
}

it('gathers what the server has of the zone, delegations and glue too', async () => {
  expect([...(await askForZone(known, server(address))).rrsets]).toEqual(known.rrsets);
});

it('finds what the server has not', async () => {
  const fewer = { ...address, data: address.data.slice(1) };
  expect([...(await askForZone(known, server(fewer))).rrsets]).toEqual([soa, fewer, cut, glue]);
});

it('refuses a server that has no authority, and one that does not answer', async () => {
  await expect(askForZone(known, server(address, 0))).rejects.toThrow(
    'the server is none of the zone example.org (it answers NOERROR without authority)',
  );
  const refusing = server(address, FLAG.AA | RCODE.REFUSED);
  await expect(askForZone(known, refusing)).rejects.toThrow('it answers REFUSED without authority');
});
