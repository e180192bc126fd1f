import type { Token } from '../tokens.ts';

/** The tokens of one record's data on one line, without comments and parentheses. */
export function tokenize(text: string): Token[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*")+)/gsu)].map(
    ([, quoted, word = '']) => ({ text: quoted ?? word, quoted: quoted !== undefined }),
  );
}
