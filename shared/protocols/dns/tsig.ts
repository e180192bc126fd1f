import { createHmac, timingSafeEqual } from 'node:crypto';
import { concatBytes, viewOf } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { CLASS_ANY, decodeMessage, HEADER_BYTES, RCODE, TYPE, type ResourceRecord } from './message.ts';
import { equalNames, lowerName, nameBytes, nameInWire, parseName, type Name } from './name.ts';
import { decodeTsigData, encodeTsigRecord, type TsigData } from './tsig-record.ts';

/** RFC 8945 §6: those that are still recommended; MD5 and SHA-1 are not. */
export type TsigAlgorithm = 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';

/** A secret that both sides know under one name. */
export interface TsigKey {
  readonly name: Name;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Uint8Array;
}

/** RFC 8945 §10: 300 s between the clocks is the recommended limit. */
const FUDGE_SECONDS = 300;

export interface Signed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Goes into the MAC of the answer. */
  readonly mac: Uint8Array<ArrayBuffer>;
}

/** What is wrong with a message's signature; `error` is ours or, with `fromPeer`, what the peer says of our request. */
export interface TsigFault {
  readonly error: 'unsigned' | 'FORMERR' | 'BADSIG' | 'BADKEY' | 'BADTIME' | 'BADTRUNC';
  readonly fromPeer: boolean;
  /** What the peer's clock shows, where that is known. */
  readonly peerSeconds?: number;
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
  const unsigned = {
    algorithm: algorithmName(key.algorithm),
    timeSignedSeconds: Math.floor(nowMs / 1000),
    fudgeSeconds: FUDGE_SECONDS,
    mac: new Uint8Array(),
    originalId: viewOf(message).getUint16(0),
    error: RCODE.NOERROR,
    otherData: new Uint8Array(),
  };
  const mac = macOf(message, key, unsigned, requestMac);
  const bytes = concatBytes([message, encodeTsigRecord(key.name, { ...unsigned, mac })]);
  const view = viewOf(bytes);
  view.setUint16(ADDITIONAL_COUNT_AT, view.getUint16(ADDITIONAL_COUNT_AT) + 1);
  return { bytes, mac };
}

/**
 * Judges a response to the request whose MAC was `requestMac`, in the order that RFC 8945 §5.2 demands: key, MAC, time. Gives the
 * message as it was before it was signed.
 */
export function verifyResponse(
  bytes: Uint8Array,
  key: TsigKey,
  nowMs: number,
  requestMac: Uint8Array,
): Result<Uint8Array<ArrayBuffer>, TsigFault> {
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
  const expected = macOf(message, key, data, requestMac);
  // RFC 8945 §5.2.4: what truncation is taken is local policy; we take none.
  if (data.mac.length !== expected.length) return err(ours('BADTRUNC'));
  if (!timingSafeEqual(data.mac, expected)) return err(ours('BADSIG'));
  if (data.error === RCODE.BADTIME)
    return err({ error: 'BADTIME', fromPeer: true, ...peerTime(data.otherData) });
  // RFC 8945 §5.2.3: only after the MAC is the time worth a look.
  const apartSeconds = Math.abs(Math.floor(nowMs / 1000) - data.timeSignedSeconds);
  return apartSeconds <= data.fudgeSeconds
    ? ok(message)
    : err({ error: 'BADTIME', fromPeer: false, peerSeconds: data.timeSignedSeconds });
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

interface Found {
  readonly record: ResourceRecord;
  /** Where the record begins in the message. */
  readonly start: number;
  readonly data: TsigData;
}

/** RFC 8945 §5.1: there is one, and it is the last record of the additional section. */
function findTsig(bytes: Uint8Array): Result<Found, 'unsigned' | 'FORMERR'> {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return err('FORMERR');
  const { answers, authorities, additionals } = decoded.value;
  const all = [...answers, ...authorities, ...additionals];
  const tsigs = all.filter(({ type }) => type === TYPE.TSIG);
  const record = additionals.at(-1);
  if (tsigs.length === 0) return err('unsigned');
  if (tsigs.length > 1 || record?.type !== TYPE.TSIG || record.dataEnd !== bytes.length)
    return err('FORMERR');
  const data = decodeTsigData(bytes, record);
  if (data === undefined) return err('FORMERR');
  const before = all.at(-2);
  const start = before?.dataEnd ?? questionsEnd(decoded.value.questions.map(({ name }) => nameBytes(name)));
  return ok({ record, start, data });
}

/** Questions come first, so their names have nothing to point at but each other; with one question none is compressed. */
function questionsEnd(names: readonly number[]): number {
  return names.reduce((end, bytes) => end + bytes + 4, HEADER_BYTES);
}

/** RFC 8945 §4.3.2: the record taken away, the count of additional records one less, the id that was signed. */
function withoutTsig(bytes: Uint8Array, start: number, originalId: number): Uint8Array<ArrayBuffer> {
  const message = bytes.slice(0, start);
  const view = viewOf(message);
  view.setUint16(0, originalId);
  view.setUint16(ADDITIONAL_COUNT_AT, view.getUint16(ADDITIONAL_COUNT_AT) - 1);
  return message;
}

/** RFC 8945 §4.3: the request's MAC with its length, the message, then the variables of the record. */
function macOf(
  message: Uint8Array,
  key: TsigKey,
  data: TsigData,
  requestMac: Uint8Array | undefined,
): Uint8Array<ArrayBuffer> {
  const prior = requestMac === undefined ? [] : [word(requestMac.length), requestMac];
  return createHmac(key.algorithm.slice('hmac-'.length), key.secret)
    .update(concatBytes([...prior, message, tsigVariables(key.name, data)]))
    .digest();
}

/** RFC 8945 §4.3.3: names in canonical form, lower case and not compressed; class ANY, TTL 0. */
function tsigVariables(keyName: Name, data: TsigData): Uint8Array {
  const times = new Uint8Array(8);
  const view = viewOf(times);
  view.setUint16(0, Math.floor(data.timeSignedSeconds / 2 ** 32));
  view.setUint32(2, data.timeSignedSeconds % 2 ** 32);
  view.setUint16(6, data.fudgeSeconds);
  const ttl = new Uint8Array(4);
  return concatBytes([
    nameInWire(lowerName(keyName)),
    word(CLASS_ANY),
    ttl,
    nameInWire(lowerName(data.algorithm)),
    times,
    word(data.error),
    word(data.otherData.length),
    data.otherData,
  ]);
}

function algorithmName(algorithm: TsigAlgorithm): Name {
  const name = parseName(algorithm);
  return name.ok ? name.value : [];
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

const ADDITIONAL_COUNT_AT = 10;
