import { createHmac } from 'node:crypto';
import { concatBytes, viewOf } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { CLASS_ANY, decodeMessage, HEADER_BYTES, RCODE, TYPE, type ResourceRecord } from './message.ts';
import { lowerName, nameBytes, nameInWire, parseName, type Name } from './name.ts';
import { decodeTsigData, encodeTsigRecord, type TsigData } from './tsig-record.ts';

/** RFC 8945 §6: those that are still recommended; MD5 and SHA-1 are not. */
export const TSIG_ALGORITHMS = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const;
export type TsigAlgorithm = (typeof TSIG_ALGORITHMS)[number];

/** A secret that both sides know under one name. */
export interface TsigKey {
  readonly name: Name;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Uint8Array;
}

/** RFC 8945 §10: 300 s between the clocks is the recommended limit. */
export const FUDGE_SECONDS = 300;

/** A message's TSIG record. */
export interface FoundTsig {
  readonly record: ResourceRecord;
  /** Where the record begins in the message. */
  readonly start: number;
  readonly data: TsigData;
}

/** RFC 8945 §5.1: there is one, and it is the last record of the additional section. */
export function findTsig(bytes: Uint8Array): Result<FoundTsig, 'unsigned' | 'FORMERR'> {
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
export function withoutTsig(bytes: Uint8Array, start: number, originalId: number): Uint8Array<ArrayBuffer> {
  const message = bytes.slice(0, start);
  const view = viewOf(message);
  view.setUint16(0, originalId);
  view.setUint16(ADDITIONAL_COUNT_AT, view.getUint16(ADDITIONAL_COUNT_AT) - 1);
  return message;
}

/** RFC 8945 §4.3: the request's MAC with its length, the message, then the variables of the record. */
export function macOf(
  message: Uint8Array,
  key: TsigKey,
  data: TsigData,
  requestMac: Uint8Array | undefined,
): Uint8Array<ArrayBuffer> {
  const prior = requestMac === undefined ? [] : withLength(requestMac);
  return digest(key, [...prior, message, tsigVariables(key.name, data)]);
}

/** RFC 8945 §5.3.1: of what follows the first message of a stream, all messages since the last MAC, and the times alone. */
export function followingMacOf(
  messages: readonly Uint8Array[],
  key: TsigKey,
  data: TsigData,
  priorMac: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return digest(key, [...withLength(priorMac), ...messages, tsigTimers(data)]);
}

function digest({ algorithm, secret }: TsigKey, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return createHmac(algorithm.slice('hmac-'.length), secret).update(concatBytes(parts)).digest();
}

function withLength(mac: Uint8Array): Uint8Array[] {
  return [word(mac.length), mac];
}

/** RFC 8945 §4.3.3: names in canonical form, lower case and not compressed; class ANY, TTL 0. */
function tsigVariables(keyName: Name, data: TsigData): Uint8Array {
  const ttl = new Uint8Array(4);
  return concatBytes([
    nameInWire(lowerName(keyName)),
    word(CLASS_ANY),
    ttl,
    nameInWire(lowerName(data.algorithm)),
    tsigTimers(data),
    word(data.error),
    word(data.otherData.length),
    data.otherData,
  ]);
}

function tsigTimers({ timeSignedSeconds, fudgeSeconds }: TsigData): Uint8Array {
  return concatBytes([encodeSeconds(timeSignedSeconds), word(fudgeSeconds)]);
}

/** 48 bits. */
export function encodeSeconds(seconds: number): Uint8Array {
  const bytes = new Uint8Array(6);
  const view = viewOf(bytes);
  view.setUint16(0, Math.floor(seconds / 2 ** 32));
  view.setUint32(2, seconds % 2 ** 32);
  return bytes;
}

/** What the record of `message` says before its MAC is known. */
export function unsignedData(message: Uint8Array, algorithm: TsigAlgorithm, nowMs: number): TsigData {
  return {
    algorithm: algorithmName(algorithm),
    timeSignedSeconds: Math.floor(nowMs / 1000),
    fudgeSeconds: FUDGE_SECONDS,
    mac: new Uint8Array(),
    originalId: viewOf(message).getUint16(0),
    error: RCODE.NOERROR,
    otherData: new Uint8Array(),
  };
}

/** RFC 8945 §5.1: the record goes to the end of the additional section. */
export function attachTsig(message: Uint8Array, keyName: Name, data: TsigData): Uint8Array<ArrayBuffer> {
  const bytes = concatBytes([message, encodeTsigRecord(keyName, data)]);
  const view = viewOf(bytes);
  view.setUint16(ADDITIONAL_COUNT_AT, view.getUint16(ADDITIONAL_COUNT_AT) + 1);
  return bytes;
}

/** How much longer a message is that `key` signs. */
export function tsigRecordBytes({ name, algorithm }: TsigKey): number {
  const fixedBytes = 10 + 16;
  const macBytes = Number(algorithm.slice('hmac-sha'.length)) / 8;
  return nameBytes(name) + nameBytes(algorithmName(algorithm)) + fixedBytes + macBytes;
}

export function algorithmName(algorithm: TsigAlgorithm): Name {
  const name = parseName(algorithm);
  return name.ok ? name.value : [];
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

const ADDITIONAL_COUNT_AT = 10;
