import { expect, it } from 'vitest';
import { checkReply } from './testing/check-reply.ts';
import { encodeAsked, name } from './testing/ask.ts';
import { fuzzPlanes } from './testing/fuzz-planes.ts';

it('10,000 hostile requests get nothing, or what they may get', () => {
  fuzzPlanes(1, 10_000);
}, 60_000);

it('is found out where a reply is wrong', () => {
  const asked = { name: name('www.example'), type: 1, flags: 0x8000 };
  const request = encodeAsked({ ...asked, flags: 0 });
  const check =
    (reply: Uint8Array): (() => void) =>
    () =>
      checkReply(request, reply, 'udp');
  expect(check(encodeAsked(asked))).not.toThrow();
  expect(check(encodeAsked(asked, 7))).toThrow('the id');
  expect(check(request)).toThrow('is a reply');
  expect(check(encodeAsked({ ...asked, name: name('ww2.example') }))).toThrow('the one that was asked');
  const long = { ...asked, edns: { options: new Uint8Array(500) } };
  expect(check(encodeAsked(long))).toThrow('512 bytes at most');
});
