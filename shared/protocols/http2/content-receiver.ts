import { closedFault, type ConnectionCore } from './connection-core.ts';
import { connectionFault, streamFault, type Fault } from './fault.ts';
import { ErrorCode, Flag } from './frame.ts';
import type { FrameReader } from './frame-reader.ts';
import { ReceiveWindow } from './receive-window.ts';
import type { Stream } from './stream.ts';

/** DATA: content of requests, and the windows that the peer sends it in. */
export class ContentReceiver {
  readonly #core: ConnectionCore;
  readonly #window = new ReceiveWindow();

  constructor(core: ConnectionCore) {
    this.#core = core;
  }

  data(frame: FrameReader): Fault | undefined {
    const { streams } = this.#core;
    const stream = streams.get(frame.stream);
    // RFC 9113 §6.1: DATA on stream 0 is a PROTOCOL_ERROR. §5.1: so is anything but HEADERS and PRIORITY on an idle one.
    if (stream === undefined && streams.stateOf(frame.stream) === 'idle')
      return connectionFault(ErrorCode.PROTOCOL_ERROR, 'DATA stream');
    // RFC 9113 §6.9.1: all of the payload counts, its padding too, and for the connection also where the frame is in error.
    const payload = frame.end - frame.start;
    if (!this.#window.take(payload))
      return connectionFault(ErrorCode.FLOW_CONTROL_ERROR, 'DATA beyond the window of the connection');
    const fault =
      frame.unpad() ??
      (stream === undefined ? this.#late(frame.stream) : this.#content(stream, payload, frame));
    this.#release(0, this.#window);
    return fault;
  }

  /** RFC 9113 §5.1: after our RST_STREAM what was under way is thrown away. §6.1: else DATA on a closed stream is an error of it. */
  #late(id: number): Fault | undefined {
    return this.#core.streams.stateOf(id) === 'reset' ? this.#core.payIdleFrame() : closedFault();
  }

  #content(stream: Stream, payload: number, frame: FrameReader): Fault | undefined {
    const core = this.#core;
    const window = stream.receiveWindow;
    // RFC 9113 §5.1: half-closed (remote).
    if (stream.isComplete || window === undefined) return closedFault();
    if (!window.take(payload))
      return streamFault(ErrorCode.FLOW_CONTROL_ERROR, 'DATA beyond the window of its stream');
    const { bytes, start, end } = frame;
    const isLast = frame.has(Flag.END_STREAM);
    if (!stream.receive(end - start, isLast)) return streamFault(ErrorCode.PROTOCOL_ERROR, 'content-length');
    // CVE-2019-9518: frames that bring nothing.
    if (start === end && !isLast) return core.payIdleFrame();
    stream.progressMs = core.nowMs;
    if (!stream.isAnswered) core.handler.content(stream.id, bytes.subarray(start, end), isLast);
    // An answered one gets no more: what it still sends is thrown away. RFC 9113 §6.9: nor does one that sends no more.
    if (!isLast && !stream.isAnswered && !stream.isEnded) this.#release(stream.id, window);
    return undefined;
  }

  #release(stream: number, window: ReceiveWindow): void {
    const increment = window.release();
    if (increment > 0) this.#core.sender.control.windowUpdate(stream, increment);
  }
}
