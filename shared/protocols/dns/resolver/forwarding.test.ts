import { describe, expect, it } from 'vitest';
import { Prng } from '../../../simulation/prng.ts';
import { seededSigningKey } from '../../../simulation/signing-key.ts';
import { ALGORITHM } from '../dnssec/dnskey.ts';
import { decodeMessage, FLAG, TYPE } from '../message.ts';
import { EDE } from './fault.ts';
import { Asker } from './testing/asker.ts';
import { household } from './testing/household.ts';
import { ADDRESSES, told } from './testing/told.ts';

const prng = new Prng('forwarding');
const internet = household(() => seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: true }));
const FORWARDER = { host: '203.0.113.53', port: 53 };

function forwarding(): Asker {
  const asker = new Asker(internet, { forwarders: [FORWARDER] });
  asker.wire = ({ bytes }) => {
    const reply = internet.recurse(bytes);
    return reply === undefined ? [] : [reply];
  };
  return asker;
}

describe('a resolver that asks another one', () => {
  it.each([
    ['nsec.test', 'secure'],
    ['nsec3.test', 'secure'],
    ['plain.test', 'insecure'],
    ['island.test', 'insecure'],
    ['unknown.test', 'insecure'],
    ['sub.nsec3.test', 'secure'],
    ['short.test', 'secure'],
  ])('proves for itself what is in %s', (zone, security) => {
    const asker = forwarding();
    for (const [name, answer] of ADDRESSES)
      expect([name, told(asker.ask(`${name}.${zone}`, TYPE.A))]).toEqual([name, `${answer}, ${security}`]);
  });

  it('finds out what is bogus', () => {
    expect(told(forwarding().ask('www.bogus.test', TYPE.A))).toBe(`failed ${EDE.DNSKEY_MISSING}`);
    expect(told(forwarding().ask('www.expired.test', TYPE.A))).toBe(`failed ${EDE.SIGNATURE_EXPIRED}`);
  });

  it('asks with RD and CD, and nobody else (RFC 6840 §5.9)', () => {
    const asker = forwarding();
    const { wire } = asker;
    asker.wire = query => {
      expect(query.server).toEqual(FORWARDER);
      const message = decodeMessage(query.bytes);
      expect(message.ok && message.value.flags).toBe(FLAG.RD | FLAG.CD);
      return wire(query);
    };
    asker.ask('www.nsec.test', TYPE.A);
    expect(asker.sent).toEqual([
      '203.0.113.53 udp . DNSKEY',
      '203.0.113.53 udp www.nsec.test A',
      '203.0.113.53 udp test DS',
      '203.0.113.53 udp test DNSKEY',
      '203.0.113.53 udp nsec.test DS',
      '203.0.113.53 udp nsec.test DNSKEY',
    ]);
  });

  it('fails where the other one leaves signatures out', () => {
    const asker = forwarding();
    const { wire } = asker;
    // A resolver that knows nothing of DNSSEC: as if DO had not been set.
    asker.wire = query => wire({ ...query, bytes: withoutDo(query.bytes) });
    expect(told(asker.ask('www.nsec.test', TYPE.A))).toBe(`failed ${EDE.RRSIGS_MISSING}`);
  });
});

/** The OPT record stands last: its TTL field ends three bytes before the end of its RDLENGTH. */
function withoutDo(query: Uint8Array): Uint8Array {
  return query.with(query.length - 4, 0);
}
