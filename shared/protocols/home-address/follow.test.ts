import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Addresses, Choice, Family, Source } from './addresses.ts';
import {
  beginFollow,
  CHANGE_INTERVAL_MS,
  CHANGES_AT_ONCE,
  LOST_AFTER_MS,
  stepFollow,
  wakeAtMs,
  type FollowEvent,
  type FollowSettings,
} from './follow.ts';

const SETTINGS: FollowSettings = { sources: ['interface', 'update'], families: ['ipv4', 'ipv6'] };

/** A name whose writes all succeed at once, unless told otherwise, and what was written when. */
class Story {
  nowMs = 0;
  state;
  isBroken = false;
  readonly log: string[] = [];

  constructor(settings = SETTINGS, shown: Addresses = {}, shownBy: { [F in Family]?: Source } = {}) {
    this.state = beginFollow(settings, shownBy, 0);
    this.tell({ kind: 'shown', addresses: shown });
  }

  tell(event: FollowEvent): void {
    const { state, write } = stepFollow(this.state, event, this.nowMs);
    this.state = state;
    if (write === undefined) return;
    this.log.push(`${this.nowMs / 1000} ${this.isBroken ? 'not ' : ''}${textOf(write)}`);
    this.tell({ kind: this.isBroken ? 'failed' : 'written' });
  }

  see(source: Source, family: Family, ...addresses: string[]): void {
    this.tell({ kind: 'seen', source, sight: { [family]: addresses } });
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let atMs; (atMs = wakeAtMs(this.state, this.nowMs)) <= untilMs;) {
      this.nowMs = atMs;
      this.tell({ kind: 'timer' });
    }
    this.nowMs = untilMs;
  }
}

function textOf({ ipv4, ipv6 }: Choice): string {
  return [ipv4, ipv6].map(each => (each === undefined ? '-' : `${each.address}/${each.source}`)).join(' ');
}

describe('a name that follows a line', () => {
  it('has a new address at once, and only what changed makes a version', () => {
    const story = new Story();
    story.see('interface', 'ipv6', 'a::1');
    story.see('interface', 'ipv6', 'a::1');
    story.pass(60_000);
    story.see('interface', 'ipv6', 'b::1');
    expect(story.log).toEqual(['0 - a::1/interface', '60 - b::1/interface']);
  });

  it('takes each family from the first source that sees one', () => {
    const story = new Story();
    story.see('update', 'ipv4', '192.0.2.1');
    story.see('interface', 'ipv6', 'a::1');
    story.see('update', 'ipv6', 'b::1');
    expect(story.log.at(-1)).toBe('0 192.0.2.1/update a::1/interface');
  });

  it('keeps the address that it has while that is one of several', () => {
    const story = new Story(SETTINGS, { ipv6: 'a::2' });
    story.see('interface', 'ipv6', 'a::1', 'a::2');
    expect(story.log).toEqual([]);
    story.see('interface', 'ipv6', 'a::1', 'a::3');
    expect(story.log).toEqual(['0 - a::1/interface']);
  });

  it('leaves families alone that it is not to follow', () => {
    const story = new Story({ ...SETTINGS, families: ['ipv6'] }, { ipv4: '192.0.2.1' });
    story.see('interface', 'ipv4', '192.0.2.2');
    story.see('interface', 'ipv6', 'a::1');
    expect(story.log).toEqual(['0 - a::1/interface']);
    expect(story.state.shown).toEqual({ ipv4: '192.0.2.1', ipv6: 'a::1' });
  });

  it('takes an address away that is gone for long, but never the last one', () => {
    const story = new Story();
    story.see('interface', 'ipv4', '192.0.2.1');
    story.see('interface', 'ipv6', 'a::1');
    story.see('interface', 'ipv6');
    story.pass(LOST_AFTER_MS - 1);
    expect(story.log).toHaveLength(2);
    story.pass(1);
    expect(story.log.slice(2)).toEqual([`${LOST_AFTER_MS / 1000} 192.0.2.1/interface -`]);
    story.see('interface', 'ipv4');
    story.pass(10 * LOST_AFTER_MS);
    expect(story.log).toHaveLength(3);
  });

  it('does not take away what somebody else saw', () => {
    const story = new Story(SETTINGS, { ipv4: '192.0.2.1', ipv6: 'a::1' }, { ipv4: 'update' });
    story.see('interface', 'ipv6', 'a::1');
    story.see('interface', 'ipv4');
    story.pass(10 * LOST_AFTER_MS);
    expect(story.log).toEqual([]);
  });

  it('tries again where writing failed', () => {
    const story = new Story();
    story.isBroken = true;
    story.see('interface', 'ipv4', '192.0.2.1');
    story.pass(15_000);
    story.isBroken = false;
    story.pass(15_000);
    expect(story.log).toEqual(
      ['0', '15', '30'].map((at, index) => `${at} ${index < 2 ? 'not ' : ''}192.0.2.1/interface -`),
    );
  });

  it('puts back what somebody else changed', () => {
    const story = new Story();
    story.see('interface', 'ipv4', '192.0.2.1');
    story.tell({ kind: 'shown', addresses: { ipv4: '192.0.2.9' } });
    expect(story.log).toEqual(['0 192.0.2.1/interface -', '0 192.0.2.1/interface -']);
  });

  it('is right within a minute of any change, and is written seldom, however the line flaps', () => {
    const address = fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3');
    const sights = fc.array(
      fc.tuple(fc.nat(40_000), fc.constantFrom<Source>('interface', 'update'), address),
    );
    fc.assert(
      fc.property(sights, changes => {
        const story = new Story();
        const latest = new Map<Source, string>();
        for (const [waitMs, source, seen] of changes) {
          story.pass(waitMs);
          latest.set(source, seen);
          story.see(source, 'ipv4', seen);
        }
        expect(story.log.length).toBeLessThanOrEqual(CHANGES_AT_ONCE + story.nowMs / CHANGE_INTERVAL_MS);
        story.pass(CHANGE_INTERVAL_MS);
        expect(story.state.shown.ipv4).toBe(latest.get('interface') ?? latest.get('update'));
        expect(wakeAtMs(story.state, story.nowMs)).toBe(Infinity);
      }),
    );
  });
});
