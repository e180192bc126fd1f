import { expect, it } from 'vitest';
import {
  formatFingerprintLine,
  formatPid1Line,
  formatReadyLine,
  parseFingerprintLine,
  parsePid1Line,
  parseReadyLine,
} from './console-lines.ts';

it('reads the console lines that it writes, wherever they stand in a line', () => {
  const sha256 = '0aff'.repeat(16);
  expect(parseFingerprintLine(`[ 1.0] ${formatFingerprintLine(sha256)}\r`)).toBe(sha256);
  expect(parsePid1Line(formatPid1Line(1.234))).toBe(1.23);
  expect(parseReadyLine(formatReadyLine(4.5, 59.4))).toEqual({ seconds: 4.5, usedMiB: 59 });
  expect([parseFingerprintLine('x'), parsePid1Line('x'), parseReadyLine('x')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
