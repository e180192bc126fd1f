import { expect, it } from 'vitest';
import { ReceiveWindow } from './receive-window.ts';

it('a receive window is 65,535 bytes and is given back in halves (RFC 9113 §6.9)', () => {
  const window = new ReceiveWindow();
  expect(window.take(32_767)).toBe(true);
  expect(window.release()).toBe(0);
  expect(window.take(32_769)).toBe(false);
  expect(window.take(32_768)).toBe(true);
  expect(window.take(1)).toBe(false);
  expect(window.release()).toBe(65_535);
  expect(window.take(65_536)).toBe(false);
  expect(window.take(65_535)).toBe(true);
});
