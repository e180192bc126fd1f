import { describe, expect, it } from 'vitest';
import { createProgress } from './progress.ts';

/** What a stream of that kind shows of a step that is half done. */
function shown(isTTY: boolean): string {
  let text = '';
  const stream = { isTTY, write: (part: string) => ((text += part), true) };
  const progress = createProgress(stream as unknown as NodeJS.WriteStream);
  progress.step('compressing');
  progress.advance(500, 1_000);
  progress.finish('done');
  return text;
}

describe('createProgress()', () => {
  it('fills a bar on a terminal, in one line', () => {
    const text = shown(true);
    expect(text).toContain(`lares: compressing [${'#'.repeat(15)}${'.'.repeat(15)}] 500/1000`);
    expect(text.endsWith('lares: done\n')).toBe(true);
    expect(text.match(/\n/g)).toHaveLength(1);
  });

  it('writes a line for each step elsewhere', () => {
    expect(shown(false)).toBe('lares: compressing …\nlares: done\n');
  });
});
