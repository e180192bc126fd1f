import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

function spendAll(bucket: TokenBucket, nowMs: number): number {
  let count = 0;
  while (bucket.spend(nowMs)) count++;
  return count;
}

it('a bucket never holds more than the burst, by time or by what it is given', () => {
  const bucket = new TokenBucket(3, 2, 0);
  expect(spendAll(bucket, 100_000)).toBe(3);
  expect(spendAll(bucket, 101_000)).toBe(2);
  bucket.earn(100);
  expect(spendAll(bucket, 101_000)).toBe(3);
});
