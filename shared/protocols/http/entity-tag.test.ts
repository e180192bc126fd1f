import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEntityTagList, strongMatch, weakMatch } from './entity-tag.ts';

/** Header bytes as node hands them over: one character each. */
const latin1 = fc.uint8Array({ maxLength: 60 }).map(bytes => String.fromCharCode(...bytes));

describe('parseEntityTagList() (RFC 9110 §8.8.3)', () => {
  it.each([
    ['*', '*'],
    ['"xyzzy"', ['"xyzzy"']],
    ['W/"xyzzy"', ['W/"xyzzy"']],
    ['""', ['""']],
    ['"a", "b,c" ,W/"d"', ['"a"', '"b,c"', 'W/"d"']],
    [', ,"a",,', ['"a"']],
    ['"a" "b"', []],
    ['w/"a"', []],
    ['a', []],
    ['"a', []],
    ['"a b"', []],
    ['*, "a"', []],
    ['', []],
  ])('%j', (text, expected) => {
    expect(parseEntityTagList(text)).toEqual(expected);
  });

  it('takes no longer for spaces than for anything else', () => {
    const start = performance.now();
    expect(parseEntityTagList(`"a",${' '.repeat(200_000)}x`)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('never throws and always ends', () => {
    fc.assert(fc.property(latin1, text => void parseEntityTagList(text)));
  });

  it('finds every tag that was joined', () => {
    const tag = fc.stringMatching(/^(W\/)?"[\x23-\x7e]{0,20}"$/);
    fc.assert(
      fc.property(fc.array(tag, { minLength: 1 }), tags => {
        expect(parseEntityTagList(tags.join(', '))).toEqual(tags);
      }),
    );
  });
});

describe('comparison (RFC 9110 §8.8.3.2, its own table)', () => {
  it.each([
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
  ])('%s and %s', (left, right, strong, weak) => {
    expect(strongMatch(left, right)).toBe(strong);
    expect(weakMatch(left, right)).toBe(weak);
  });
});
