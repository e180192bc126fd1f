import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Sha1 } from './sha1.ts';

it('hashes as node:crypto does, whatever the length', () => {
  const sha1 = new Sha1();
  // All places in a block where the data may end, and more than one block.
  for (let length = 0; length < 200; length++) {
    const data = Uint8Array.from({ length }, (_, index) => 7 * index + length);
    sha1.begin();
    for (const byte of data) sha1.addByte(byte);
    sha1.end();
    const hex = Array.from(sha1.digest, word => word.toString(16).padStart(8, '0')).join('');
    expect(hex).toBe(createHash('sha1').update(data).digest('hex'));
  }
});
