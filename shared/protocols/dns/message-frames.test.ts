import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../base/bytes.ts';
import { frameMessage, MessageFrames } from './message-frames.ts';

/** The stream in pieces that end at the given places. */
function piecesOf(stream: Uint8Array, ends: readonly number[]): Uint8Array[] {
  const cuts = [0, ...ends.map(end => end % (stream.length + 1)), stream.length].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => stream.slice(cuts[index], end));
}

describe('MessageFrames', () => {
  it('finds every message, however the stream is cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 12 }), (sent, ends) => {
        const frames = new MessageFrames();
        const pieces = piecesOf(concatBytes(sent.map(frameMessage)), ends);
        expect(pieces.flatMap(piece => frames.take(piece))).toEqual(sent);
      }),
    );
  });

  it('takes the longest message', () => {
    const message = new Uint8Array(65_535).fill(7);
    const framed = frameMessage(message);
    const frames = new MessageFrames();
    expect(frames.take(framed.subarray(0, 65_536))).toEqual([]);
    expect(frames.take(framed.subarray(65_536))).toEqual([message]);
  });
});
