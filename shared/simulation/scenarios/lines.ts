import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import type { Clock } from '../../devices/clock.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Flow } from '../../devices/tcp.ts';

/** A peer that sends more than this without a line break is not one of ours. */
const LINE_MAX_CHARACTERS = 1_000;

/** The lines that come in on a flow, until its end. @throws what the flow fails with. */
export async function* linesOf(flow: Flow): AsyncGenerator<string, void, undefined> {
  let pending = '';
  for await (const chunk of flow as AsyncIterable<Uint8Array>) {
    const lines = (pending + decodeUtf8(chunk)).split('\n');
    pending = lines.pop() ?? '';
    yield* lines;
    if (pending.length > LINE_MAX_CHARACTERS) throw new DeviceError('too-large', 'a line without an end');
  }
}

export function writeLine(flow: Flow, line: string): void {
  flow.write(encodeUtf8(`${line}\n`));
}

/** Asks over an open flow and waits for one line. The flow is destroyed when none comes in time. */
export async function ask(
  flow: Flow,
  lines: AsyncGenerator<string, void>,
  request: string,
  clock: Clock,
): Promise<string> {
  const timer = clock.timer(ANSWER_MAX_MS, () => flow.destroy(new DeviceError('timed-out', 'no answer')));
  try {
    writeLine(flow, request);
    const answer = await lines.next();
    if (answer.done === true) throw new DeviceError('reset', 'the peer closed without an answer');
    return answer.value;
  } finally {
    timer.cancel();
  }
}

/** Longer than a partition's first retransmissions, shorter than the scenario's patience. */
const ANSWER_MAX_MS = 3_000;
