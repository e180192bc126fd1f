/** The parsed value of If-Match or If-None-Match: `*`, or tags as written, quotes and `W/` included. */
export type EntityTagList = '*' | readonly string[];

// RFC 9110 §8.8.3: etagc = %x21 / %x23-7E / obs-text. RFC 9110 §5.6.1.2: empty list elements are to be accepted.
// Spaces behind stand with the tag: two runs of them side by side could share out one run in as many ways as it is long.
const ELEMENT = /[ \t]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y;

/** A list that breaks the grammar names no tag at all: nothing matches it. */
export function parseEntityTagList(text: string): EntityTagList {
  if (text.trim() === '*') return '*';
  const tags: string[] = [];
  ELEMENT.lastIndex = 0;
  while (ELEMENT.lastIndex < text.length) {
    const match = ELEMENT.exec(text);
    if (match === null) return [];
    if (match[1] !== undefined) tags.push(match[1]);
  }
  return tags;
}

/** RFC 9110 §8.8.3.2, strong comparison: the same characters and neither weak. */
export function strongMatch(left: string, right: string): boolean {
  return left === right && !left.startsWith('W/');
}

/** RFC 9110 §8.8.3.2, weak comparison: the same opaque-tag, weak or not. */
export function weakMatch(left: string, right: string): boolean {
  return left.replace(/^W\//, '') === right.replace(/^W\//, '');
}
