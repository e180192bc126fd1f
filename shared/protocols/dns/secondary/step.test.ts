import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SoaTimes } from '../serial.ts';
import {
  beginSecondary,
  stepSecondary,
  wakeAtMs,
  type SecondaryAction,
  type SecondaryEvent,
  type SecondaryState,
} from './step.ts';

const TIMES: SoaTimes = { serial: 7, refreshSeconds: 3_600, retrySeconds: 600, expireSeconds: 86_400 };
const HOUR_MS = 3_600_000;

/** A secondary and what it has been told and has asked for, each with its second. */
class Story {
  state: SecondaryState;
  nowMs = 0;
  readonly log: string[] = [];

  constructor(primaries: number, state = beginSecondary(primaries, undefined, 0)) {
    this.state = state;
  }

  tell(event: SecondaryEvent): readonly SecondaryAction[] {
    const { state, actions } = stepSecondary(this.state, event, this.nowMs);
    this.state = state;
    for (const action of actions)
      this.log.push(
        `${this.nowMs / 1000} ${action.kind}${action.kind === 'ask' ? ` ${action.primary}` : ''}`,
      );
    return actions;
  }

  /** Lets time pass up to `untilMs`; `answer` says what comes of each question. */
  pass(untilMs: number, answer: (primary: number) => SecondaryEvent): void {
    for (let guard = 0; guard < 10_000 && wakeAtMs(this.state) <= untilMs; guard++) {
      this.nowMs = Math.max(this.nowMs, wakeAtMs(this.state));
      this.answerAll(this.tell({ kind: 'timer' }), answer);
    }
    this.nowMs = untilMs;
  }

  answerAll(actions: readonly SecondaryAction[], answer: (primary: number) => SecondaryEvent): void {
    for (let asked = actions; asked.some(({ kind }) => kind === 'ask');) {
      const ask = asked.find(({ kind }) => kind === 'ask');
      asked = this.tell(answer(ask?.kind === 'ask' ? ask.primary : 0));
    }
  }
}

const good = (): SecondaryEvent => ({ kind: 'confirmed', times: TIMES });
const bad = (): SecondaryEvent => ({ kind: 'failed' });

describe('a secondary', () => {
  it('asks at its start and then at each refresh', () => {
    const story = new Story(1);
    story.pass(2 * HOUR_MS, good);
    expect(story.log).toEqual(['0 ask 0', '3600 ask 0', '7200 ask 0']);
  });

  it('asks the next primary where one fails, stays with who answered, and waits for the retry time after all', () => {
    const story = new Story(3);
    story.pass(0, primary => (primary === 1 ? good() : bad()));
    expect(story.log).toEqual(['0 ask 0', '0 ask 1']);
    story.pass(HOUR_MS, bad);
    expect(story.log.slice(2)).toEqual(['3600 ask 1', '3600 ask 2', '3600 ask 0']);
    story.pass(HOUR_MS + 600_000, good);
    expect(story.log.slice(5)).toEqual(['4200 ask 1']);
  });

  it('gives the zone up at its expiry, goes on asking, and has it again when one answers (RFC 1034 §4.3.5)', () => {
    const story = new Story(1);
    story.pass(0, good);
    story.pass(30 * HOUR_MS, bad);
    expect(story.log.filter(line => line.endsWith('expire'))).toEqual(['86400 expire']);
    expect(story.state.isExpired).toBe(true);
    story.pass(31 * HOUR_MS, good);
    expect(story.state.isExpired).toBe(false);
  });

  it('asks ever more seldom where nothing is there yet', () => {
    const story = new Story(1);
    story.pass(100_000, bad);
    expect(story.log).toEqual(['0 ask 0', '5 ask 0', '15 ask 0', '35 ask 0', '75 ask 0']);
  });

  it('asks who notifies at once, and again where it is notified meanwhile (RFC 1996 §4.4)', () => {
    const story = new Story(2);
    story.pass(1_000, good);
    story.tell({ kind: 'notified', primary: 1 });
    story.tell({ kind: 'notified', primary: 1 });
    story.tell(good());
    expect(story.log.slice(1)).toEqual(['1 ask 1', '1 ask 1']);
    story.tell(good());
    expect(wakeAtMs(story.state)).toBe(1_000 + HOUR_MS);
  });

  it('is not driven wild by what a zone says of itself', () => {
    const odd: SoaTimes = { serial: 1, refreshSeconds: 0, retrySeconds: 0, expireSeconds: 0 };
    const story = new Story(1);
    story.pass(10_000, () => ({ kind: 'confirmed', times: odd }));
    expect(story.log.filter(line => line.endsWith('ask 0')).length).toBeLessThanOrEqual(11);
  });

  it('asks one at a time, and always has a next time, whatever comes', () => {
    const event = fc.constantFrom<SecondaryEvent>(
      { kind: 'timer' },
      { kind: 'notified', primary: 1 },
      good(),
      bad(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(10_000_000)), { maxLength: 40 }), events => {
        const story = new Story(2);
        let underWay = 0;
        for (const [what, laterMs] of events) {
          story.nowMs += laterMs;
          const isAnswer = what.kind === 'confirmed' || what.kind === 'failed';
          if (isAnswer && underWay === 0) continue;
          if (isAnswer) underWay--;
          underWay += story.tell(what).filter(({ kind }) => kind === 'ask').length;
          expect(underWay).toBe(story.state.round === undefined ? 0 : 1);
          expect(underWay === 1 || wakeAtMs(story.state) < Infinity).toBe(true);
        }
      }),
    );
  });
});
