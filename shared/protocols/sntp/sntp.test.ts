import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeReply, encodeRequest } from './packet.ts';
import type { ClockView, Sample } from './selection.ts';
import { decideCorrection, sampleOf } from './selection.ts';

const cookie = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const nowMs = Date.UTC(2026, 10, 23);
const NTP_1970 = 2_208_988_800;

function reply(
  overrides: Partial<{ first: number; stratum: number; seconds: number; code: string }> = {},
): Uint8Array {
  const packet = new Uint8Array(48);
  const view = new DataView(packet.buffer);
  packet[0] = overrides.first ?? (4 << 3) | 4;
  packet[1] = overrides.stratum ?? 2;
  packet.set(new TextEncoder().encode(overrides.code ?? ''), 12);
  packet.set(cookie, 24);
  const seconds = overrides.seconds ?? nowMs / 1000 + NTP_1970;
  view.setUint32(32, seconds >>> 0);
  view.setUint32(40, seconds >>> 0);
  view.setUint32(44, 0x80000000);
  return packet;
}

const view: ClockView = {
  nowMs,
  sanity: { earliestMs: Date.UTC(2026, 0, 1), latestMs: Date.UTC(2046, 0, 1) },
  asked: 3,
  isSet: false,
};
const sample = (offsetMs: number, server = 'a', errorMs = 20): Sample => ({ server, offsetMs, errorMs });

describe('SNTP packets', () => {
  it('ask by version 4 in client mode and give nothing of the clock away', () => {
    const request = encodeRequest(cookie);
    expect(request[0]).toBe(0x23);
    expect(request.subarray(1, 40).every(byte => byte === 0)).toBe(true);
  });
  it('give the time of the server', () => {
    const result = decodeReply(reply(), cookie, nowMs);
    expect(result.ok && result.value).toMatchObject({
      receivedMs: nowMs,
      transmittedMs: nowMs + 500,
      stratum: 2,
    });
  });
  it('of the era after 2036 are understood (RFC 5905 §6)', () => {
    const later = Date.UTC(2040, 0, 1);
    const result = decodeReply(reply({ seconds: later / 1000 + NTP_1970 - 2 ** 32 }), cookie, nowMs);
    expect(result.ok && result.value.receivedMs).toBe(later);
  });
  it.each([
    ['another cookie', () => decodeReply(reply(), new Uint8Array(8), nowMs), 'not-our-request'],
    ['stratum 16', () => decodeReply(reply({ stratum: 16 }), cookie, nowMs), 'unsynchronised'],
    ['leap 3', () => decodeReply(reply({ first: 0xe4 }), cookie, nowMs), 'unsynchronised'],
    ['stratum 0 alone', () => decodeReply(reply({ stratum: 0 }), cookie, nowMs), 'unsynchronised'],
    ['RATE', () => decodeReply(reply({ stratum: 0, code: 'RATE' }), cookie, nowMs), 'kiss-of-death'],
    ['client mode', () => decodeReply(reply({ first: 0x23 }), cookie, nowMs), 'malformed'],
  ])('with %s are refused', (_, decode, kind) => {
    const result = decode();
    expect(result.ok ? 'ok' : result.error.kind).toBe(kind);
  });
  it('of any bytes throw nothing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), bytes => void decodeReply(bytes, cookie, nowMs)));
  });
});

describe('sampleOf()', () => {
  it('takes half the way as the error (RFC 5905 §10)', () => {
    const theirs = { receivedMs: 1_150, transmittedMs: 1_160, errorMs: 3 };
    expect(sampleOf('a', { sentMs: 100, receivedMs: 210 }, theirs)).toEqual({
      server: 'a',
      offsetMs: 1_000,
      errorMs: 53,
    });
  });
});

describe('decideCorrection()', () => {
  it('leaves a good clock alone, slews a small offset and steps a larger one', () => {
    expect(decideCorrection([sample(2)], view).kind).toBe('keep');
    expect(decideCorrection([sample(-90)], view).kind).toBe('slew');
    expect(decideCorrection([sample(5_000)], view).kind).toBe('step');
  });
  it('needs two servers for a large step', () => {
    const week = 7 * 86_400_000;
    expect(decideCorrection([sample(week)], view).kind).toBe('refuse');
    expect(decideCorrection([sample(week), sample(week + 10, 'b')], view)).toMatchObject({ kind: 'step' });
    expect(decideCorrection([sample(week)], { ...view, asked: 1 }).kind).toBe('step');
  });
  it('outvotes a wrong server and refuses where none has a majority', () => {
    const good = [sample(300, 'a'), sample(310, 'b')];
    expect(decideCorrection([...good, sample(9e8, 'liar', 1)], view)).toMatchObject({
      kind: 'step',
      offsetMs: 300,
    });
    expect(decideCorrection([sample(300, 'a'), sample(9e5, 'b')], view).kind).toBe('refuse');
  });
  it('never leaves the years that can be', () => {
    const century = 100 * 365 * 86_400_000;
    expect(decideCorrection([sample(-century), sample(-century, 'b')], view).kind).toBe('refuse');
    expect(decideCorrection([sample(century), sample(century, 'b')], view).kind).toBe('refuse');
  });
  it('never jumps far once the clock has been set', () => {
    const day = 86_400_000;
    expect(decideCorrection([sample(day), sample(day, 'b')], { ...view, isSet: true }).kind).toBe('refuse');
  });
  it('passes over a server that is too unsure', () => {
    expect(decideCorrection([sample(0, 'a', 2_000)], view).kind).toBe('refuse');
  });
});
