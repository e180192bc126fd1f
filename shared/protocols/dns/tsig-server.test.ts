import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8, viewOf } from '../../base/bytes.ts';
import { name } from './answer/testing/ask.ts';
import { encodeMessage } from './encode-message.ts';
import { CLASS_IN, FLAG, RCODE, TYPE } from './message.ts';
import { equalNames, type Name } from './name.ts';
import { attachTsig, findTsig, followingMacOf, macOf, unsignedData, type TsigKey } from './tsig-mac.ts';
import { attachRefusal, verifyRequest } from './tsig-server.ts';
import { TsigStreamSigner, TsigStreamVerifier } from './tsig-stream.ts';
import { signMessage, verifyResponse } from './tsig.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const key: TsigKey = { name: name('Key.test'), algorithm: 'hmac-sha256', secret: encodeUtf8('of both') };
const question = { name: name('zone.test'), type: TYPE.AXFR, class: CLASS_IN };
const request = encodeMessage({ id: 0x1234, flags: 0, questions: [question] });
const answer = encodeMessage({ id: 0x1234, flags: FLAG.QR | RCODE.NOTAUTH, questions: [question] });
const keyNamed = (asked: Name): TsigKey | undefined => (equalNames(asked, key.name) ? key : undefined);
const signed = signMessage(request, key, NOW_MS);

/** What is wrong with `bytes`, and what the client hears of it. */
function refused(bytes: Uint8Array, nowMs = NOW_MS) {
  const judged = verifyRequest(bytes, keyNamed, nowMs);
  if (judged.ok) throw new Error('it was taken');
  const told = attachRefusal(answer, judged.error, nowMs);
  return {
    refusal: judged.error,
    heard: verifyResponse(told, key, NOW_MS, signed.mac),
    tsig: findTsig(told),
  };
}

/** The request with a MAC cut to `length`. */
function truncated(length: number): Uint8Array {
  const data = unsignedData(request, key.algorithm, NOW_MS);
  const mac = macOf(request, key, data, undefined).subarray(0, length);
  return attachTsig(request, key.name, { ...data, mac });
}

describe('a signed request', () => {
  it('is taken with what its answer is signed with', () => {
    const judged = verifyRequest(signed.bytes, keyNamed, NOW_MS);
    expect(judged).toMatchObject({ ok: true, value: { message: request, key } });
    if (!judged.ok || judged.value === undefined) return;
    const reply = signMessage(answer, judged.value.key, NOW_MS, judged.value.mac);
    expect(verifyResponse(reply.bytes, key, NOW_MS, signed.mac)).toEqual({ ok: true, value: answer });
  });

  it('may be unsigned: that is no fault of the signature', () => {
    expect(verifyRequest(request, keyNamed, NOW_MS)).toEqual({ ok: true, value: undefined });
  });

  it.each([
    ['another key', { ...key, name: name('other') }, RCODE.BADKEY, 'BADKEY'],
    ['another algorithm', { ...key, algorithm: 'hmac-sha512' as const }, RCODE.BADKEY, 'BADKEY'],
    ['another secret', { ...key, secret: encodeUtf8('of one') }, RCODE.BADSIG, 'BADSIG'],
  ])('with %s is answered without a MAC (RFC 8945 §5.3.2)', (_what, other, error, heardError) => {
    const { refusal, heard, tsig } = refused(signMessage(request, other, NOW_MS).bytes);
    expect(refusal).toMatchObject({ rcode: RCODE.NOTAUTH, error });
    expect(tsig).toMatchObject({ ok: true, value: { data: { error, mac: new Uint8Array() } } });
    // A client that asked with that other key hears it of a key that is not the one it has here.
    if (equalNames(other.name, key.name) && other.algorithm === key.algorithm)
      expect(heard).toEqual({ ok: false, error: { error: heardError, fromPeer: true } });
  });

  it('of another time hears ours, signed (RFC 8945 §5.2.3)', () => {
    const later = NOW_MS + 301_000;
    const { heard, tsig } = refused(signed.bytes, later);
    expect(heard).toEqual({
      ok: false,
      error: { error: 'BADTIME', fromPeer: true, peerSeconds: later / 1000 },
    });
    expect(tsig).toMatchObject({ ok: true, value: { data: { timeSignedSeconds: NOW_MS / 1000 } } });
  });

  it.each([
    [32, 'taken'],
    [31, RCODE.BADTRUNC],
    [16, RCODE.BADTRUNC],
    [15, RCODE.FORMERR],
    [0, RCODE.FORMERR],
  ])('with %i bytes of its MAC: %s (RFC 8945 §5.2.2.1)', (length, outcome) => {
    const judged = verifyRequest(truncated(length), keyNamed, NOW_MS);
    if (judged.ok) return expect(outcome).toBe('taken');
    expect(judged.error.rcode === RCODE.FORMERR ? RCODE.FORMERR : judged.error.error).toBe(outcome);
  });

  it('never throws, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.nat(signed.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = signed.bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ bits;
        const judged = verifyRequest(changed, keyNamed, NOW_MS);
        if (judged.ok && judged.value !== undefined) expect(judged.value.message).toEqual(request);
        if (!judged.ok) attachRefusal(answer, judged.error, NOW_MS);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an answer of several messages (RFC 8945 §5.3.1)', () => {
  const messages = [0, 1, 2, 3].map(at =>
    encodeMessage({ id: 0x1234, flags: FLAG.QR, questions: at === 0 ? [question] : [] }),
  );

  function signAll(): Uint8Array[] {
    const signer = new TsigStreamSigner(key, signed.mac);
    return messages.map((message, at) => signer.sign(message, NOW_MS + at));
  }

  it('is verified message by message', () => {
    const verifier = new TsigStreamVerifier(key, signed.mac);
    const taken = signAll().map(bytes => verifier.take(bytes, NOW_MS));
    expect(taken).toEqual(messages.map(value => ({ ok: true, value })));
    expect(verifier.isSettled).toBe(true);
  });

  it('signs the times alone, after the MAC before and its length', () => {
    const [first, second] = signAll();
    const mac = findTsig(first!);
    const next = findTsig(second!);
    if (!mac.ok || !next.ok) throw new Error('unsigned');
    const { data } = next.value;
    const expected = followingMacOf([messages[1]!], key, data, mac.value.data.mac);
    expect(data.mac).toEqual(Uint8Array.from(expected));
  });

  it('is refused where one is missing, changed or in another place', () => {
    for (const spoil of [
      ([one, , three]: Uint8Array[]) => [one!, three!],
      ([one, two, three]: Uint8Array[]) => [one!, three!, two!],
      ([one, two]: Uint8Array[]) => [one!, two!.with(3, 1)],
      ([, two]: Uint8Array[]) => [two!],
    ]) {
      const verifier = new TsigStreamVerifier(key, signed.mac);
      const taken = spoil(signAll()).map(bytes => verifier.take(bytes, NOW_MS));
      expect(taken.at(-1)?.ok && taken.at(-2)?.ok).not.toBe(true);
    }
  });

  it('may leave some unsigned, but not the first, not the last, and not a hundred', () => {
    const signer = new TsigStreamSigner(key, signed.mac);
    const verifier = new TsigStreamVerifier(key, signed.mac);
    expect(verifier.take(messages[0]!, NOW_MS)).toMatchObject({ error: { error: 'unsigned' } });
    verifier.take(signer.sign(messages[0]!, NOW_MS), NOW_MS);
    const mac = new Uint8Array(32);
    for (let count = 0; count < 99; count++) expect(verifier.take(messages[1]!, NOW_MS).ok).toBe(true);
    expect(verifier.isSettled).toBe(false);
    expect(verifier.take(messages[1]!, NOW_MS).ok).toBe(false);
    const data = { ...unsignedData(messages[1]!, key.algorithm, NOW_MS), mac };
    expect(verifier.take(attachTsig(messages[1]!, key.name, data), NOW_MS)).toMatchObject({ ok: false });
  });

  it('takes what vouches for all since the last signature', () => {
    const verifier = new TsigStreamVerifier(key, signed.mac);
    const first = signMessage(messages[0]!, key, NOW_MS, signed.mac);
    verifier.take(first.bytes, NOW_MS);
    verifier.take(messages[1]!, NOW_MS);
    const data = unsignedData(messages[2]!, key.algorithm, NOW_MS);
    const mac = followingMacOf([messages[1]!, messages[2]!], key, data, first.mac);
    expect(verifier.take(attachTsig(messages[2]!, key.name, { ...data, mac }), NOW_MS).ok).toBe(true);
    expect(verifier.isSettled).toBe(true);
  });

  it('keeps the id that was signed', () => {
    const changed = signAll()[0]!;
    viewOf(changed).setUint16(0, 7);
    expect(new TsigStreamVerifier(key, signed.mac).take(changed, NOW_MS)).toEqual({
      ok: true,
      value: messages[0],
    });
  });
});
