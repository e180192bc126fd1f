import { viewOf } from '../../../../base/bytes.ts';
import {
  PASS_ON,
  SOURCE_BYTES,
  type DataPlane,
  type PacketBatch,
  type PlaneShared,
} from '../../../../devices/udp.ts';
import { encodeMessage, headerFlags, type RecordToEncode } from '../../encode-message.ts';
import {
  CLASS_IN,
  decodeMessage,
  FLAG,
  OPCODE,
  TYPE,
  type Message,
  type ResourceRecord,
} from '../../message.ts';
import { formatName, lowerName, parseName, type Name } from '../../name.ts';
import { canonicalData, dataFromMessage } from '../../record-types/wire.ts';
import { createDnsPlane } from '../plane.ts';
import { createStreamResponder, type StreamResponder } from '../stream-responder.ts';

export interface Asked {
  readonly name: Name;
  readonly type: number;
  readonly class?: number;
  /** Absent: no EDNS. */
  readonly edns?: EdnsAsked;
  readonly flags?: number;
}

export interface EdnsAsked {
  readonly payloadBytes?: number;
  readonly version?: number;
  readonly dnssecOk?: boolean;
  /** In wire form. */
  readonly options?: Uint8Array;
  readonly otherFlags?: number;
}

/** A message as sets of records, each as text with names and data in canonical form. */
export interface Shown {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly answers: readonly string[];
  readonly authorities: readonly string[];
  readonly additionals: readonly string[];
}

export const SLOT_BYTES = 2_048;
export const SOURCE: Uint8Array = Uint8Array.of(
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0xff,
  0xff,
  192,
  0,
  2,
  1,
  0x12,
  0x34,
);

export function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`);
  return parsed.value;
}

export function encodeAsked(asked: Asked, id = 0x1234): Uint8Array {
  const { edns } = asked;
  const opt: RecordToEncode[] = [];
  if (edns !== undefined) {
    const { payloadBytes = 1_232, version = 0, dnssecOk = false, options, otherFlags = 0 } = edns;
    const ttlSeconds = ((version << 16) | (dnssecOk ? 0x8000 : 0) | otherFlags) >>> 0;
    const data = options ?? new Uint8Array();
    opt.push({ name: [], type: TYPE.OPT, class: payloadBytes, ttlSeconds, data });
  }
  return encodeMessage({
    id,
    flags: headerFlags(OPCODE.QUERY, asked.flags ?? 0),
    questions: [{ name: asked.name, type: asked.type, class: asked.class ?? CLASS_IN }],
    additionals: opt,
  });
}

/** What the plane makes of one datagram; undefined: nothing. */
export function send(
  shared: PlaneShared,
  request: Uint8Array,
  options: { plane?: DataPlane; source?: Uint8Array; nowMs?: number } = {},
): Uint8Array | 'pass-on' | undefined {
  const { plane = sharedPlane, source = SOURCE, nowMs = 1_000_000 } = options;
  // Two slots, the first one empty, so that offsets in the batch are put to the test.
  const batch: PacketBatch = {
    count: 2,
    slotBytes: SLOT_BYTES,
    requests: new Uint8Array(2 * SLOT_BYTES),
    requestLengths: Uint32Array.of(0, request.length),
    replies: new Uint8Array(2 * SLOT_BYTES),
    replyLengths: new Uint32Array(2),
    sources: new Uint8Array(2 * SOURCE_BYTES),
  };
  batch.requests.set(request, SLOT_BYTES);
  batch.sources.set(source, SOURCE_BYTES);
  plane(batch, shared, nowMs);
  const length = batch.replyLengths[1] as number;
  if (length === PASS_ON) return 'pass-on';
  return length === 0 ? undefined : batch.replies.slice(SLOT_BYTES, SLOT_BYTES + length);
}

const sharedPlane = createDnsPlane();
const streamResponder = createStreamResponder();

/** The answer by UDP, which there has to be. */
export function ask(shared: PlaneShared, asked: Asked): Message {
  return decode(send(shared, encodeAsked(asked)));
}

/** The answer by TCP, which there has to be. */
export function askByStream(
  shared: PlaneShared,
  asked: Asked,
  respond: StreamResponder = streamResponder,
): Message {
  return decode(respond(shared, { message: encodeAsked(asked), source: SOURCE }, 1_000_000));
}

function decode(reply: Uint8Array | string | undefined): Message {
  if (!(reply instanceof Uint8Array)) throw new Error(`no answer: ${reply}`);
  const message = decodeMessage(reply);
  if (!message.ok) throw new Error(`${message.error}: ${reply.toHex()}`);
  return message.value;
}

/** Without the OPT record. */
export function show(message: Message): Shown {
  const section = (records: readonly ResourceRecord[]): string[] =>
    records
      .filter(({ type }) => type !== TYPE.OPT)
      .map(record => showRecord(message, record))
      .sort();
  return {
    rcode: message.rcode,
    authoritative: (message.flags & FLAG.AA) !== 0,
    truncated: (message.flags & FLAG.TC) !== 0,
    answers: section(message.answers),
    authorities: section(message.authorities),
    additionals: section(message.additionals),
  };
}

function showRecord(message: Message, record: ResourceRecord): string {
  const { type, ttlSeconds, dataStart, dataEnd } = record;
  const data = dataFromMessage(message.bytes, type, dataStart, dataEnd);
  if (!data.ok) throw new Error(`type ${type}: ${data.error}`);
  return formatRecord({ owner: record.name, type, ttlSeconds, data: data.value });
}

export function formatRecord(record: {
  readonly owner: Name;
  readonly type: number;
  readonly ttlSeconds: number;
  readonly data: Uint8Array;
}): string {
  const { owner, type, ttlSeconds, data } = record;
  const bytes = canonicalData(type, data);
  return `${formatName(lowerName(owner))} ${ttlSeconds} ${type} ${bytes.toHex()}`;
}

/** The OPT record's options by code; undefined where there is no OPT. */
export function optionsOf(message: Message): Map<number, string> | undefined {
  const opt = message.additionals.find(({ type }) => type === TYPE.OPT);
  if (opt === undefined) return undefined;
  const options = new Map<number, string>();
  const view = viewOf(message.bytes);
  for (let at = opt.dataStart; at < opt.dataEnd;) {
    const length = view.getUint16(at + 2);
    options.set(view.getUint16(at), message.bytes.subarray(at + 4, at + 4 + length).toHex());
    at += 4 + length;
  }
  return options;
}
