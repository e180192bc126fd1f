import { ErrorCode, FRAME_HEADER_BYTES, FrameType, uint24At, uint31At, uint32At } from '../frame.ts';

/** A frame as the one who reads it sees it. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: ArrayLike<number> = [],
): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  bytes.set([payload.length >> 16, payload.length >> 8, payload.length, type, flags, ...uint32(stream)]);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

export function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

export function ascii(text: string): number[] {
  return Array.from(text, letter => letter.charCodeAt(0));
}

export function settings(...values: readonly (readonly [setting: number, value: number])[]): Uint8Array {
  const payload = values.flatMap(([setting, value]) => [setting >> 8, setting & 0xff, ...uint32(value)]);
  return frame(FrameType.SETTINGS, 0, 0, payload);
}

export function windowUpdate(stream: number, increment: number): Uint8Array {
  return frame(FrameType.WINDOW_UPDATE, 0, stream, uint32(increment));
}

export function resetStream(stream: number, code: number = ErrorCode.CANCEL): Uint8Array {
  return frame(FrameType.RST_STREAM, 0, stream, uint32(code));
}

export function priorityUpdate(stream: number, value: string): Uint8Array {
  return frame(FrameType.PRIORITY_UPDATE, 0, 0, [...uint32(stream), ...ascii(value)]);
}

/** All the frames in `bytes`; throws where they do not end with a whole one. */
export function parseFrames(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + FRAME_HEADER_BYTES;
    const end = start + uint24At(bytes, at);
    if (end > bytes.length) throw new RangeError(`a frame is cut at ${at}`);
    const [type = 0, flags = 0] = bytes.subarray(at + 3);
    frames.push({ type, flags, stream: uint31At(bytes, at + 5), payload: bytes.slice(start, end) });
    at = end;
  }
  return frames;
}

/** A frame as a line of a conversation, such as `DATA 1 1000 END_STREAM`. */
export function describeFrame({ type, flags, stream, payload }: Frame): string {
  const name = nameIn(FrameType, type);
  switch (type) {
    case FrameType.DATA:
      return `${name} ${stream} ${payload.length}${(flags & 1) === 0 ? '' : ' END_STREAM'}`;
    case FrameType.HEADERS:
      return `${name} ${stream}${(flags & 4) === 0 ? ' cut' : ''}${(flags & 1) === 0 ? '' : ' END_STREAM'}`;
    case FrameType.RST_STREAM:
      return `${name} ${stream} ${nameIn(ErrorCode, uint32At(payload, 0))}`;
    case FrameType.GOAWAY:
      return `${name} ${uint32At(payload, 0)} ${nameIn(ErrorCode, uint32At(payload, 4))}`;
    case FrameType.WINDOW_UPDATE:
      return `${name} ${stream} ${uint32At(payload, 0)}`;
    default:
      return `${name}${stream === 0 ? '' : ` ${stream}`}${flags === 0 ? '' : ` flags ${flags}`}`;
  }
}

function nameIn(names: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(names).find(name => names[name] === value) ?? String(value);
}
