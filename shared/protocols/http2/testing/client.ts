import { concatBytes } from '../../../base/bytes.ts';
import type { RequestMessage } from '../decoded-request.ts';
import { Flag, FrameType } from '../frame.ts';
import type { Http2Handler, StreamEnd } from '../handler.ts';
import type { Http2Limits } from '../limits.ts';
import { ServerConnection } from '../server-connection.ts';
import { ascii, describeFrame, frame, parseFrames, settings, type Frame } from './frames.ts';

export const PREFACE: Uint8Array = Uint8Array.from(ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));

const LIMITS: Http2Limits = {
  headerBytes: 8192,
  headerFields: 32,
  streamsMax: 10,
  streamsPerConnectionMax: 1000,
  resetsBurst: 20,
  resetsPerSecond: 1,
};

/** `:method`, `:scheme` https, `:path` / from the static table; `:authority` a, not indexed (RFC 7541 §6.2.2). */
export const GET: readonly number[] = [0x82, 0x87, 0x84, 0x01, 0x01, 0x61];
export const POST: readonly number[] = [0x83, 0x87, 0x84, 0x01, 0x01, 0x61];

/** `:status` 200. */
export const OK: Uint8Array = Uint8Array.of(0x88);

/** content-length is the 28th of the static table. */
export function contentLength(value: string): number[] {
  return [0x0f, 0x0d, value.length, ...ascii(value)];
}

/** HEADERS with END_HEADERS and END_STREAM. */
export function get(stream: number): Uint8Array {
  return frame(FrameType.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, stream, GET);
}

/** HEADERS with END_HEADERS: content follows. */
export function post(stream: number, more: readonly number[] = []): Uint8Array {
  return frame(FrameType.HEADERS, Flag.END_HEADERS, stream, [...POST, ...more]);
}

export function data(stream: number, length: number, flags = 0): Uint8Array {
  return frame(FrameType.DATA, flags, stream, new Uint8Array(length));
}

/** The other side of a connection, and the one who answers: what either of them is told is kept as lines. */
export class TestClient implements Http2Handler {
  readonly connection: ServerConnection;
  /** What the handler was told. */
  readonly told: string[] = [];
  readonly received: RequestMessage[] = [];
  nowMs = 0;
  /** Called for each request, after it is noted. */
  onRequest: (stream: number) => void = () => {};

  /** `greeted`: preface, SETTINGS and their acknowledgement are over. */
  constructor(limits: Partial<Http2Limits> = {}, greeted = true) {
    this.connection = new ServerConnection({ ...LIMITS, ...limits }, this, 0);
    if (!greeted) return;
    this.send(PREFACE, settings());
    this.read();
  }

  request(stream: number, received: RequestMessage, isComplete: boolean): void {
    this.told.push(`request ${stream}${isComplete ? '' : ' with content'}`);
    this.received.push(received);
    this.onRequest(stream);
  }

  tooLarge(stream: number): void {
    this.told.push(`too large ${stream}`);
  }

  content(stream: number, bytes: Uint8Array, isLast: boolean): void {
    this.told.push(`content ${stream} ${bytes.length}${isLast ? ' last' : ''}`);
  }

  ended(stream: number, how: StreamEnd, sentBytes: number): void {
    this.told.push(`${how} ${stream} ${sentBytes}`);
  }

  malformed(): void {
    this.told.push('malformed');
  }

  send(...frames: readonly Uint8Array[]): void {
    const bytes = concatBytes(frames);
    this.connection.receive(bytes, 0, bytes.length, this.nowMs);
  }

  /** Answers with a body of so many bytes. */
  respond(stream: number, bodyBytes = 0, block: Uint8Array = OK): void {
    this.connection.respond(stream, block, bodyBytes === 0 ? [] : [new Uint8Array(bodyBytes)], this.nowMs);
  }

  /** All that is written now, in records of `room`. */
  readFrames(room = 16_384): Frame[] {
    const records: Uint8Array[] = [];
    while (this.connection.hasOutput) {
      const record = this.readRecord(room);
      if (record.length === 0) throw new Error('there is output, but none is written');
      records.push(record);
    }
    return parseFrames(concatBytes(records));
  }

  /** One record of at most `room` bytes; it may end within a frame. */
  readRecord(room = 16_384): Uint8Array {
    const records = [new Uint8Array(room)] as const;
    return records[0].subarray(0, this.connection.fill(records[0], 0, room, this.nowMs));
  }

  /** What is written now, as lines. */
  read(room?: number): string[] {
    return this.readFrames(room).map(describeFrame);
  }

  /** What comes back for these frames. */
  exchange(...frames: readonly Uint8Array[]): string[] {
    this.send(...frames);
    return this.read();
  }
}
