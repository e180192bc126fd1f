import { PASS_ON, SOURCE_BYTES, type DataPlane, type DataPlanes } from '../devices/udp.ts';

/**
 * Answers '?text' by '!text', passes on what begins with '>', tells for 's' the source it saw and for 'g' the first bytes
 * that are shared, throws at 'x', answers 'L' by a full slot, and drops all else.
 */
const answeringPlane: DataPlane = (batch, shared) => {
  for (let index = 0; index < batch.count; index++) {
    const start = index * batch.slotBytes;
    const length = batch.requestLengths[index] ?? 0;
    const reply = (bytes: Uint8Array): void => {
      batch.replies.set(bytes, start);
      batch.replyLengths[index] = bytes.length;
    };
    switch (String.fromCharCode(batch.requests[start] ?? 0)) {
      case '?':
        reply(batch.requests.subarray(start, start + length));
        batch.replies[start] = 0x21;
        break;
      case '>':
        batch.replyLengths[index] = PASS_ON;
        break;
      case 's':
        reply(batch.sources.subarray(index * SOURCE_BYTES, (index + 1) * SOURCE_BYTES));
        break;
      case 'g':
        reply(new Uint8Array(shared[0]!, 0, 4).slice());
        break;
      case 'L':
        reply(new Uint8Array(batch.slotBytes).fill(7));
        break;
      case 'x':
        throw new Error('a planned fault');
      default:
    }
  }
};

/** The planes that the suite asks for by name. */
export const compliancePlanes: DataPlanes = { 'compliance-answering': answeringPlane };
