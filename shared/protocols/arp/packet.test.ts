import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeArp, encodeArpAnnouncement, encodeArpProbe } from './packet.ts';

const hardware = Uint8Array.of(0x02, 0, 0, 0, 0, 0x0a);
const address = Uint8Array.of(192, 0, 2, 50);

describe('encodeArpProbe()', () => {
  it('asks for the address and claims none (RFC 5227 §2.1.1)', () => {
    const probe = encodeArpProbe(hardware, address);
    expect(Buffer.from(probe).toString('hex')).toBe(
      // Ethernet, IPv4, 6 and 4 bytes, request; sender and 0.0.0.0; nobody and 192.0.2.50 (RFC 826).
      ['0001', '0800', '06', '04', '0001', '02000000000a', '00000000', '000000000000', 'c0000232'].join(''),
    );
    expect(decodeArp(probe)).toEqual({
      operation: 'request',
      senderHardware: hardware,
      senderAddress: new Uint8Array(4),
      targetAddress: address,
    });
  });
});

describe('encodeArpAnnouncement()', () => {
  it('asks for its own address and claims it (RFC 5227 §2.3)', () => {
    const announcement = encodeArpAnnouncement(hardware, address);
    expect(announcement.subarray(18, 24)).toEqual(new Uint8Array(6));
    expect(decodeArp(announcement)).toEqual({
      operation: 'request',
      senderHardware: hardware,
      senderAddress: address,
      targetAddress: address,
    });
  });
});

describe('decodeArp()', () => {
  it('takes requests and replies for IPv4 on Ethernet, padded or not, and nothing else', () => {
    const probe = encodeArpProbe(hardware, address);
    expect(decodeArp(Uint8Array.of(...probe, ...new Uint8Array(18)))?.targetAddress).toEqual(address);
    expect(decodeArp(probe.with(7, 2))?.operation).toBe('reply');
    for (const wrong of [
      probe.with(1, 6),
      probe.with(2, 0x86),
      probe.with(4, 8),
      probe.with(5, 16),
      probe.with(7, 3),
    ])
      expect(decodeArp(wrong)).toBeUndefined();
    expect(decodeArp(probe.subarray(0, 27))).toBeUndefined();
  });

  it('throws on no bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), bytes => void decodeArp(bytes)));
  });
});
