import { timingSafeEqual } from 'node:crypto';
import { viewOf } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { RCODE } from './message.ts';
import { equalNames } from './name.ts';
import {
  algorithmName,
  attachTsig,
  findTsig,
  macOf,
  unsignedData,
  withoutTsig,
  type TsigKey,
} from './tsig-mac.ts';
import type { TsigData } from './tsig-record.ts';

export interface Signed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Goes into the MAC of the answer, or of the next message of a stream. */
  readonly mac: Uint8Array<ArrayBuffer>;
}

/** What is wrong with a message's signature; `error` is ours or, with `fromPeer`, what the peer says of our request. */
export interface TsigFault {
  readonly error: 'unsigned' | 'FORMERR' | 'BADSIG' | 'BADKEY' | 'BADTIME' | 'BADTRUNC';
  readonly fromPeer: boolean;
  /** What the peer's clock shows, where that is known. */
  readonly peerSeconds?: number;
}

/** A message as it was before it was signed, and its MAC. */
export interface Verified {
  readonly message: Uint8Array<ArrayBuffer>;
  readonly mac: Uint8Array;
}

/**
 * The message with its TSIG record at the end: RFC 8945 §5.1. `requestMac` is the MAC of the request that a response answers
 * (§5.3.1).
 */
export function signMessage(
  message: Uint8Array,
  key: TsigKey,
  nowMs: number,
  requestMac?: Uint8Array,
): Signed {
  const unsigned = unsignedData(message, key.algorithm, nowMs);
  const mac = macOf(message, key, unsigned, requestMac);
  return { bytes: attachTsig(message, key.name, { ...unsigned, mac }), mac };
}

/** Judges a response to the request whose MAC was `requestMac`. Gives the message as it was before it was signed. */
export function verifyResponse(
  bytes: Uint8Array,
  key: TsigKey,
  nowMs: number,
  requestMac: Uint8Array,
): Result<Uint8Array<ArrayBuffer>, TsigFault> {
  const verified = verifyMessage(bytes, key, nowMs, (message, data) => macOf(message, key, data, requestMac));
  return verified.ok ? ok(verified.value.message) : verified;
}

/** In the order that RFC 8945 §5.2 demands: key, MAC, time. */
export function verifyMessage(
  bytes: Uint8Array,
  key: TsigKey,
  nowMs: number,
  expectedMac: (message: Uint8Array, data: TsigData) => Uint8Array,
): Result<Verified, TsigFault> {
  const found = findTsig(bytes);
  if (!found.ok) return err(ours(found.error));
  const { record, start, data } = found.value;
  // RFC 8945 §5.2.1: key name and algorithm are compared as names are.
  const isOurKey =
    equalNames(record.name, key.name) && equalNames(data.algorithm, algorithmName(key.algorithm));
  if (!isOurKey) return err(ours('BADKEY'));
  // RFC 8945 §5.3.2: a server that could not take our key or MAC answers without one; that binds nobody, but says why.
  if (data.mac.length === 0) return err(unsignedError(data));
  const message = withoutTsig(bytes, start, data.originalId);
  const expected = expectedMac(message, data);
  // RFC 8945 §5.2.4: what truncation is taken is local policy; we take none.
  if (data.mac.length !== expected.length) return err(ours('BADTRUNC'));
  if (!timingSafeEqual(data.mac, expected)) return err(ours('BADSIG'));
  if (data.error === RCODE.BADTIME)
    return err({ error: 'BADTIME', fromPeer: true, ...peerTime(data.otherData) });
  // RFC 8945 §5.2.3: only after the MAC is the time worth a look.
  return isInTime(data, nowMs)
    ? ok({ message, mac: data.mac })
    : err({ error: 'BADTIME', fromPeer: false, peerSeconds: data.timeSignedSeconds });
}

/** RFC 8945 §5.2.3. */
export function isInTime({ timeSignedSeconds, fudgeSeconds }: TsigData, nowMs: number): boolean {
  return Math.abs(Math.floor(nowMs / 1000) - timeSignedSeconds) <= fudgeSeconds;
}

function ours(error: TsigFault['error']): TsigFault {
  return { error, fromPeer: false };
}

function unsignedError({ error }: TsigData): TsigFault {
  if (error === RCODE.BADKEY) return { error: 'BADKEY', fromPeer: true };
  if (error === RCODE.BADSIG) return { error: 'BADSIG', fromPeer: true };
  if (error === RCODE.BADTRUNC) return { error: 'BADTRUNC', fromPeer: true };
  return ours('unsigned');
}

/** RFC 8945 §5.2.3: with BADTIME comes the server's own time, 48 bits. */
function peerTime(otherData: Uint8Array): { peerSeconds?: number } {
  if (otherData.length !== 6) return {};
  const view = viewOf(otherData);
  return { peerSeconds: view.getUint16(0) * 2 ** 32 + view.getUint32(2) };
}
