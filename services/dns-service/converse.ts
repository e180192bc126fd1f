import type { Flow } from '../../shared/devices/tcp.ts';
import { frameMessage, MessageFrames } from '../../shared/protocols/dns/message-frames.ts';

/**
 * Answers the messages of one connection in their order, however many come at once (RFC 7766 §6.2.1.1). While the peer does not read,
 * nothing more is taken from it: it costs one piece of questions and one answer beyond the flow's own buffer.
 */
export function converse(flow: Flow, answer: (message: Uint8Array) => Uint8Array | undefined): void {
  const frames = new MessageFrames();
  let waiting: readonly Uint8Array[] = [];
  let answered = 0;
  const answerWaiting = (): void => {
    while (answered < waiting.length) {
      if (!flow.writable) return;
      if (flow.writableNeedDrain) return void flow.pause();
      const reply = answer(waiting[answered++] as Uint8Array);
      if (reply !== undefined) flow.write(frameMessage(reply));
    }
    flow.resume();
  };
  flow.on('data', (piece: Uint8Array) => {
    // Pieces come while nothing waits: otherwise the flow is paused.
    waiting = frames.take(piece);
    answered = 0;
    answerWaiting();
  });
  flow.on('drain', answerWaiting);
  // RFC 7766 §6.2.4: who asks no more is answered what was asked.
  flow.on('end', () => void flow.end());
}
