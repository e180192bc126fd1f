import { decodeLatin1 } from '../http/characters.ts';
import type { ConnectionCore } from './connection-core.ts';
import { connectionFault, streamFault, type Fault } from './fault.ts';
import { ErrorCode, Flag, FrameType, uint31At } from './frame.ts';
import type { FrameReader } from './frame-reader.ts';
import { parsePriority } from './priority.ts';
import { readSettings } from './settings.ts';

/** The payload of a PING (RFC 9113 §6.7). */
const PING_BYTES = 8;

/** Frames that carry neither requests nor content. */
export class ControlReceiver {
  readonly #core: ConnectionCore;

  constructor(core: ConnectionCore) {
    this.#core = core;
  }

  take(frame: FrameReader): Fault | undefined {
    if (frame.type === FrameType.RST_STREAM) return this.#resetStream(frame);
    return this.#core.payIdleFrame() ?? this.#takePaid(frame);
  }

  #takePaid(frame: FrameReader): Fault | undefined {
    switch (frame.type) {
      case FrameType.WINDOW_UPDATE:
        return this.#windowUpdate(frame);
      case FrameType.SETTINGS:
        return this.#settings(frame);
      case FrameType.PING:
        return this.#ping(frame);
      case FrameType.PRIORITY:
        return this.#priority(frame);
      case FrameType.PRIORITY_UPDATE:
        return this.#priorityUpdate(frame);
      case FrameType.GOAWAY:
        return goAway(frame);
      case FrameType.PUSH_PROMISE:
        // RFC 9113 §8.4: a client cannot push.
        return connectionFault(ErrorCode.PROTOCOL_ERROR, 'PUSH_PROMISE');
      default:
        // RFC 9113 §5.5: frames of types that are not known are ignored.
        return undefined;
    }
  }

  /** RFC 9113 §6.4. */
  #resetStream(frame: FrameReader): Fault | undefined {
    if (lengthOf(frame) !== 4) return connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'RST_STREAM');
    const { streams } = this.#core;
    const stream = streams.get(frame.stream);
    if (stream !== undefined) {
      this.#core.end(stream, 'reset', false);
      // CVE-2023-44487: requests that are reset as soon as they are sent cost us, and the limit of streams does not hold them.
      return this.#core.payReset();
    }
    return streams.stateOf(frame.stream) === 'idle'
      ? connectionFault(ErrorCode.PROTOCOL_ERROR, 'RST_STREAM stream')
      : this.#core.payIdleFrame();
  }

  /** RFC 9113 §6.9. */
  #windowUpdate(frame: FrameReader): Fault | undefined {
    if (lengthOf(frame) !== 4) return connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'WINDOW_UPDATE');
    const { streams, sender } = this.#core;
    const increment = uint31At(frame.bytes, frame.start);
    if (frame.stream === 0)
      return increment === 0
        ? connectionFault(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE of 0')
        : sender.enlargeWindow(increment);
    const stream = streams.get(frame.stream);
    if (stream !== undefined)
      return increment === 0
        ? streamFault(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE of 0')
        : sender.enlargeStreamWindow(stream, increment);
    // RFC 9113 §5.1: it may come for a stream that ended meanwhile, not for one that never began.
    return streams.stateOf(frame.stream) === 'idle'
      ? connectionFault(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE stream')
      : undefined;
  }

  /** RFC 9113 §6.5. */
  #settings(frame: FrameReader): Fault | undefined {
    if (frame.stream !== 0) return connectionFault(ErrorCode.PROTOCOL_ERROR, 'SETTINGS stream');
    if (frame.has(Flag.ACK))
      return lengthOf(frame) === 0
        ? undefined
        : connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'SETTINGS acknowledgement');
    const { sender, streams } = this.#core;
    const fault = readSettings(frame.bytes, frame.start, frame.end, size =>
      sender.setInitialWindow(size, streams.all()),
    );
    // RFC 9113 §6.5.3: acknowledged when the values are applied.
    if (fault === undefined) sender.control.settingsAck();
    return fault;
  }

  /** RFC 9113 §6.7. */
  #ping(frame: FrameReader): Fault | undefined {
    if (frame.stream !== 0) return connectionFault(ErrorCode.PROTOCOL_ERROR, 'PING stream');
    if (lengthOf(frame) !== PING_BYTES) return connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'PING');
    const payload = frame.bytes.subarray(frame.start, frame.end);
    if (frame.has(Flag.ACK)) this.#core.pong(payload);
    else this.#core.sender.control.ping(payload, Flag.ACK);
    return undefined;
  }

  /** RFC 9113 §6.3, §5.3.2: what it says means nothing any more. */
  #priority(frame: FrameReader): Fault | undefined {
    if (frame.stream === 0) return connectionFault(ErrorCode.PROTOCOL_ERROR, 'PRIORITY stream');
    if (lengthOf(frame) === 5) return undefined;
    // RFC 9113 §6.3: an error of the stream. §6.4: one that is idle cannot be reset, so there it is the connection's.
    return this.#core.streams.get(frame.stream) === undefined
      ? connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'PRIORITY')
      : streamFault(ErrorCode.FRAME_SIZE_ERROR, 'PRIORITY');
  }

  /** RFC 9218 §7.1. */
  #priorityUpdate(frame: FrameReader): Fault | undefined {
    if (frame.stream !== 0) return connectionFault(ErrorCode.PROTOCOL_ERROR, 'PRIORITY_UPDATE stream');
    if (lengthOf(frame) < 4) return connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'PRIORITY_UPDATE');
    const { streams, sender, earlyPriorities, limits } = this.#core;
    const id = uint31At(frame.bytes, frame.start);
    // RFC 9218 §7.1: stream 0, or a push stream that was not opened (we open none), is a PROTOCOL_ERROR.
    if ((id & 1) === 0) return connectionFault(ErrorCode.PROTOCOL_ERROR, 'prioritized stream');
    const stream = streams.get(id);
    // RFC 9218 §7.1: of a closed one it is discarded.
    if (stream === undefined && !streams.isNew(id)) return undefined;
    const priority = parsePriority(decodeLatin1(frame.bytes, frame.start + 4, frame.end));
    if (stream !== undefined) {
      sender.prioritise(stream, priority);
      return undefined;
    }
    // RFC 9218 §7.1: streams prioritized before they are opened and open ones together may not be more than we allow.
    if (!earlyPriorities.has(id) && earlyPriorities.size + streams.size >= limits.streamsMax)
      return connectionFault(ErrorCode.PROTOCOL_ERROR, 'prioritized streams');
    earlyPriorities.set(id, priority);
    return undefined;
  }
}

/** RFC 9113 §6.8: the client opens no more streams; those that run are answered. */
function goAway(frame: FrameReader): Fault | undefined {
  if (frame.stream !== 0) return connectionFault(ErrorCode.PROTOCOL_ERROR, 'GOAWAY stream');
  return lengthOf(frame) < 8 ? connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'GOAWAY') : undefined;
}

function lengthOf(frame: FrameReader): number {
  return frame.end - frame.start;
}
