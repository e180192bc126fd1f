import { equalBytes } from '../../base/bytes.ts';
import { CODED, type Coded } from '../../protocols/http/index-content.ts';
import type { Coding } from '../../protocols/http/site.ts';
import { CODECS, type Quality } from './codecs.ts';

export interface EncodeInput {
  /** The file as it is; absent where its owner gives a coding alone. */
  readonly identity?: Uint8Array;
  /** Codings of the owner's making. */
  readonly own: readonly (readonly [Coded, Uint8Array])[];
  readonly quality: Quality;
}

/** What is to be added; an empty one says that there is none, also in place of an owner's. */
export type EncodeOutput = readonly (readonly [Coding, Uint8Array<ArrayBuffer>])[];

/** Nine tenths: a client that decodes 5 % less has gained nothing, and each coding stays in memory. */
const WORTH_IT = 0.9;

/** A coding without its file may stand for so much: a small file must not become a large one. */
const DECODED_MAX_BYTES = 64 * 1024 * 1024;

/** The job that makes what is missing of one file, once per release. Pure: the same input gives the same codings. */
export function encodeFile({ identity, own, quality }: EncodeInput): EncodeOutput {
  if (identity === undefined) return decodeFile(own);
  return CODED.flatMap(coding => {
    const given = own.find(([each]) => each === coding)?.[1];
    if (given !== undefined && isCodingOf(given, coding, identity)) return [];
    return [[coding, encode(identity, coding, quality)] as const];
  });
}

function encode(identity: Uint8Array, coding: Coded, quality: Quality): Uint8Array<ArrayBuffer> {
  const coded = CODECS[coding].encode(identity, quality);
  // Its own memory: a pool's slice would carry the whole pool to the other thread.
  return coded.length <= identity.length * WORTH_IT ? new Uint8Array(coded) : new Uint8Array();
}

/** A coding that was made from another state of the file must not be shown in its place. */
function isCodingOf(coded: Uint8Array, coding: Coded, identity: Uint8Array): boolean {
  const decoded = decode(coded, coding, Math.max(1, identity.length));
  return decoded !== undefined && equalBytes(decoded, identity);
}

/** What every client can read, and no coding that is none. */
function decodeFile(own: EncodeInput['own']): EncodeOutput {
  const decoded = own.map(([coding, bytes]) => [coding, decode(bytes, coding, DECODED_MAX_BYTES)] as const);
  const identity = decoded.find(([, bytes]) => bytes !== undefined)?.[1];
  const broken = decoded.filter(
    ([, bytes]) => bytes === undefined || identity === undefined || !equalBytes(bytes, identity),
  );
  return [
    ...broken.map(([coding]) => [coding, new Uint8Array()] as const),
    ...(identity === undefined ? [] : [['identity', new Uint8Array(identity)] as const]),
  ];
}

function decode(bytes: Uint8Array, coding: Coded, maxBytes: number): Uint8Array | undefined {
  try {
    return CODECS[coding].decode(bytes, maxBytes);
  } catch {
    return undefined;
  }
}
