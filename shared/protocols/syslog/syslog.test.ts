import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../base/bytes.ts';
import {
  encodeSyslogMessage,
  frameSyslogMessage,
  SYSLOG_MESSAGE_MAX_BYTES,
  type SyslogMessage,
} from './message.ts';
import {
  INITIAL_SENDER,
  SENDER_QUEUE_MAX,
  SENDER_WRITING_MAX,
  step,
  type SenderAction,
  type SenderEvent,
} from './sender.ts';

const MESSAGE: SyslogMessage = {
  facility: 'local4',
  severity: 'warning',
  timestamp: '2026-10-11T22:14:15.003Z',
  hostname: 'lares.example',
  appName: 'web-service',
  processId: '1',
  messageId: 'degraded',
  parameters: [['key', 'disk "a]\\']],
  text: 'degraded',
};
const textOf = (change: Partial<SyslogMessage>): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(encodeSyslogMessage({ ...MESSAGE, ...change }));

describe('encodeSyslogMessage() (RFC 5424)', () => {
  it('writes header, structured data and text', () => {
    expect(textOf({})).toBe(
      '<164>1 2026-10-11T22:14:15.003Z lares.example web-service 1 degraded [lares@32473 key="disk \\"a\\]\\\\"] degraded',
    );
  });

  it('writes NILVALUE for what is empty and the byte order mark before UTF-8 (§6.4)', () => {
    expect(textOf({ timestamp: undefined, hostname: '', parameters: [], text: 'Grüße' })).toBe(
      '<164>1 - - web-service 1 degraded - \ufeffGrüße',
    );
  });

  it('lets no control character through and cuts header fields to their lengths', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
        const bytes = encodeSyslogMessage({
          ...MESSAGE,
          appName: name,
          parameters: [[name, value]],
          text: value,
        });
        expect(bytes.every(byte => byte >= 0x20 && byte !== 0x7f)).toBe(true);
        expect(bytes.length).toBeLessThanOrEqual(SYSLOG_MESSAGE_MAX_BYTES);
      }),
    );
  });

  it('cuts a long text at a character', () => {
    const bytes = encodeSyslogMessage({ ...MESSAGE, text: 'ü'.repeat(5_000) });
    expect(bytes.length).toBeGreaterThan(SYSLOG_MESSAGE_MAX_BYTES - 2);
    expect(decodeUtf8(bytes)).not.toContain('\ufffd');
  });

  it('frames by octets, not characters (RFC 6587 §3.4.1)', () => {
    const frame = frameSyslogMessage(new TextEncoder().encode('ü'));
    expect(decodeUtf8(frame)).toBe('2 ü');
  });
});

const frame = (byte: number): Uint8Array => Uint8Array.of(byte);
function run(events: readonly SenderEvent[]) {
  let state = INITIAL_SENDER;
  const actions: SenderAction[] = [];
  for (const event of events) {
    const next = step(state, event);
    state = next.state;
    actions.push(...next.actions);
  }
  return { state, actions };
}

describe('syslog sender', () => {
  it('connects at the first message, writes in order and forgets what was written', () => {
    const { state, actions } = run([
      { kind: 'message', frame: frame(1) },
      { kind: 'message', frame: frame(2) },
      { kind: 'connected' },
      { kind: 'written' },
      { kind: 'message', frame: frame(3) },
    ]);
    expect(actions).toEqual([
      { kind: 'connect' },
      { kind: 'write', frame: frame(1) },
      { kind: 'write', frame: frame(2) },
      { kind: 'write', frame: frame(3) },
    ]);
    expect(state.queue).toEqual([frame(2), frame(3)]);
  });

  it('backs off with jitter, up to five minutes, and sends again what was in flight', () => {
    const first = run([
      { kind: 'message', frame: frame(1) },
      { kind: 'connected' },
      { kind: 'failed', random: 0 },
    ]);
    expect(first.actions.at(-1)).toEqual({ kind: 'wait', ms: 500 });
    expect(run([{ kind: 'failed', random: 0.999 }]).actions[0]).not.toEqual({ kind: 'wait', ms: 500 });
    const many = run(Array.from({ length: 40 }, () => ({ kind: 'failed', random: 1 }) as const));
    expect(many.actions.at(-1)).toEqual({ kind: 'wait', ms: 300_000 });
    const again = step(step(first.state, { kind: 'retry' }).state, { kind: 'connected' });
    expect(again.actions).toEqual([{ kind: 'write', frame: frame(1) }]);
  });

  it('keeps a bounded queue and says how many were dropped', () => {
    const events: SenderEvent[] = [
      { kind: 'message', frame: frame(0) },
      { kind: 'failed', random: 0 },
    ];
    for (let count = 0; count < SENDER_QUEUE_MAX + 9; count++)
      events.push({ kind: 'message', frame: frame(1) });
    const { state, actions } = run([...events, { kind: 'retry' }, { kind: 'connected' }]);
    expect(state.queue.length).toBe(SENDER_QUEUE_MAX);
    expect(actions.find(action => action.kind === 'report-dropped')).toEqual({
      kind: 'report-dropped',
      count: 10,
    });
    expect(actions.filter(action => action.kind === 'write')).toHaveLength(SENDER_WRITING_MAX);
  });
});
