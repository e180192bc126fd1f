import { expect, it } from 'vitest';
import { parseSeconds } from './seconds.ts';

it("seconds are a number, or in BIND's units in either case, up to 32 bits", () => {
  const read = {
    '0': 0,
    '4294967295': 4_294_967_295,
    '1h30m': 5400,
    '1W2D': 777_600,
    '90s': 90,
    '1m1m': 120,
  };
  for (const [text, seconds] of Object.entries(read)) expect(parseSeconds(text), text).toBe(seconds);
  for (const text of ['', '4294967296', '9999w', '1h30', 'h', '-1', '1.5h', '1 h', '1y', '0x10'])
    expect(parseSeconds(text), text).toBeUndefined();
});
