import { describe, expect, it } from 'vitest';
import { Prng } from './prng.ts';

describe('Prng', () => {
  it('steps as xoshiro128** 1.1 does', () => {
    // From the reference implementation in C, seeded with the same 128-bit state: SHA-256('xoshiro')[0..16) as big-endian words.
    const prng = new Prng('xoshiro');
    expect([prng.next(), prng.next(), prng.next(), prng.next()]).toEqual([
      1_808_437_173, 1_067_951_986, 2_035_912_324, 2_509_333_388,
    ]);
  });

  it('gives the same stream for a seed and another one for another', () => {
    expect(new Prng('1').bytes(32)).toEqual(new Prng('1').bytes(32));
    expect(new Prng('2').bytes(32)).not.toEqual(new Prng('1').bytes(32));
  });

  it('forks streams that do not move their origin', () => {
    const forked = new Prng('1');
    forked.fork('a').bytes(100);
    expect(forked.next()).toBe(new Prng('1').next());
    expect(forked.fork('a').next()).not.toBe(forked.fork('b').next());
  });

  it('between() reaches both ends and nothing beyond', () => {
    const prng = new Prng('ends');
    const seen = new Set(Array.from({ length: 500 }, () => prng.between(3, 6)));
    expect([...seen].toSorted()).toEqual([3, 4, 5, 6]);
  });

  it('chance() keeps its rate, and draws nothing for an event that never happens', () => {
    const prng = new Prng('rate');
    let hits = 0;
    for (let count = 0; count < 10_000; count++) if (prng.chance(0.25)) hits++;
    // 2,500 are expected with a standard deviation of 43.
    expect(Math.abs(hits - 2_500)).toBeLessThan(300);
    const untouched = new Prng('never');
    expect(untouched.chance(0)).toBe(false);
    expect(untouched.next()).toBe(new Prng('never').next());
  });
});
