import { describe, expect, it } from 'vitest';
import { SealedOutput } from './sealed-output.ts';

describe('SealedOutput', () => {
  it('has nothing to send at first', () => {
    const sealed = new SealedOutput();
    expect([sealed.take(), sealed.send(-1)]).toEqual([undefined, undefined]);
  });

  it('lets sessions seal many records at once, and one where sockets have left too much', () => {
    const sealed = new SealedOutput();
    const many = sealed.batchBytes;
    sealed.waitingBytes += 64 * 1024 * 1024;
    const one = sealed.batchBytes;
    sealed.waitingBytes = 0;
    expect([many > 4 * 2 ** 14, one, sealed.batchBytes]).toEqual([true, 1, many]);
  });
});
