import { describe, expect, it } from 'vitest';
import { parseStanzas } from './control.ts';

describe('parseStanzas', () => {
  it('reads fields, continued lines and several stanzas', () => {
    const text = 'Package: libc6\nVersion: 2.41-12\nDescription: GNU C\n more\n .\n\n# note\nPackage: grub\n';
    const [first, second] = [...parseStanzas(text)];
    expect(first?.get('version')).toBe('2.41-12');
    expect(first?.get('description')).toBe('GNU C\nmore\n.');
    expect(second?.get('package')).toBe('grub');
  });

  it('gives nothing for an empty file', () => {
    expect([...parseStanzas('\n\n')]).toEqual([]);
  });
});
