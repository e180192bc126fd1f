import { timingSafeEqual } from 'node:crypto';
import { viewOf } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { RCODE } from './message.ts';
import { equalNames, type Name } from './name.ts';
import {
  algorithmName,
  attachTsig,
  encodeSeconds,
  findTsig,
  FUDGE_SECONDS,
  macOf,
  withoutTsig,
  type FoundTsig,
  type TsigKey,
} from './tsig-mac.ts';
import { isInTime, type Verified } from './tsig.ts';

/** RFC 8945 §5.2.2.1: half of the full length at least, and ten bytes. */
const TRUNCATED_MIN_BYTES = 10;

/** A request whose signature holds; `key` and `mac` sign the answer. */
export interface VerifiedRequest extends Verified {
  readonly key: TsigKey;
}

/** Why a request is not taken. */
export type TsigRefusal =
  | { readonly rcode: typeof RCODE.FORMERR }
  | {
      readonly rcode: typeof RCODE.NOTAUTH;
      /** Of the TSIG record in the answer. */
      readonly error: number;
      readonly found: FoundTsig;
      /** RFC 8945 §5.3.2: errors of the key or the MAC are never signed, those of the time or of policy are. */
      readonly signWith?: VerifiedRequest;
    };

/** Judges a request; `ok(undefined)` where it is not signed. The order is that of RFC 8945 §5.2: key, MAC, time, truncation. */
export function verifyRequest(
  bytes: Uint8Array,
  keyNamed: (name: Name) => TsigKey | undefined,
  nowMs: number,
): Result<VerifiedRequest | undefined, TsigRefusal> {
  const tsig = findTsig(bytes);
  // RFC 8945 §5.1: more than one, or one that is not the last record.
  if (!tsig.ok) return tsig.error === 'unsigned' ? ok(undefined) : err({ rcode: RCODE.FORMERR });
  const found = tsig.value;
  const { record, start, data } = found;
  const notAuth = { rcode: RCODE.NOTAUTH, found };
  const key = keyNamed(record.name);
  if (key === undefined || !equalNames(data.algorithm, algorithmName(key.algorithm)))
    return err({ ...notAuth, error: RCODE.BADKEY });
  const message = withoutTsig(bytes, start, data.originalId);
  const expected = macOf(message, key, data, undefined);
  const { length } = data.mac;
  if (length > expected.length || length < Math.max(TRUNCATED_MIN_BYTES, expected.length / 2))
    return err({ rcode: RCODE.FORMERR });
  if (!timingSafeEqual(data.mac, expected.subarray(0, length)))
    return err({ ...notAuth, error: RCODE.BADSIG });
  const signWith = { message, mac: data.mac, key };
  if (!isInTime(data, nowMs)) return err({ ...notAuth, error: RCODE.BADTIME, signWith });
  // RFC 8945 §5.2.4: what truncation is taken is local policy; we take none.
  if (length < expected.length) return err({ ...notAuth, error: RCODE.BADTRUNC, signWith });
  return ok(signWith);
}

/** The answer to a request that was refused, with its TSIG record where it has one. */
export function attachRefusal(
  answer: Uint8Array<ArrayBuffer>,
  refusal: TsigRefusal,
  nowMs: number,
): Uint8Array<ArrayBuffer> {
  if (refusal.rcode === RCODE.FORMERR) return answer;
  const { found, error, signWith } = refusal;
  const nowSeconds = Math.floor(nowMs / 1000);
  const isTime = error === RCODE.BADTIME;
  const data = {
    ...found.data,
    // RFC 8945 §5.2.3: the request's own time, and ours in the other data.
    timeSignedSeconds: isTime ? found.data.timeSignedSeconds : nowSeconds,
    fudgeSeconds: FUDGE_SECONDS,
    mac: new Uint8Array(),
    originalId: viewOf(answer).getUint16(0),
    error,
    otherData: isTime ? encodeSeconds(nowSeconds) : new Uint8Array(),
  };
  const mac = signWith === undefined ? data.mac : macOf(answer, signWith.key, data, signWith.mac);
  return attachTsig(answer, found.record.name, { ...data, mac });
}
