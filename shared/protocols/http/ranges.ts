/** Bytes `start` up to `end`, exclusive, of a representation. Never empty. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export type RangeOutcome =
  | { readonly kind: 'whole' }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'ranges'; readonly ranges: readonly [ByteRange, ...ByteRange[]] };

/** Viewers of documents and films ask for a handful; RFC 9110 §17.15 warns of requests for many small ranges. */
export const RANGES_MAX = 32;

const WHOLE: RangeOutcome = { kind: 'whole' };
const UNSATISFIABLE: RangeOutcome = { kind: 'unsatisfiable' };

/**
 * What a Range field asks of a representation of `size` bytes. `whole` where the field is to be ignored: another unit, a broken
 * ranges-specifier, or (RFC 9110 §14.2 permits both) too many ranges or ranges that overlap.
 */
export function parseRange(text: string, size: number): RangeOutcome {
  // RFC 9110 §14.1: range unit names are case-insensitive; a unit that is not understood is ignored.
  const specifier = /^bytes=(.*)$/i.exec(text)?.[1];
  // Nothing of an empty representation can be named in Content-Range, so it is sent whole.
  if (specifier === undefined || size === 0) return WHOLE;
  const specs = specifier
    .split(',')
    .map(trimOws)
    .filter(spec => spec !== '');
  if (specs.length === 0 || specs.length > RANGES_MAX) return WHOLE;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const range = parseSpec(spec, size);
    if (range === undefined) return WHOLE;
    if (range.start < range.end) ranges.push(range);
  }
  const [first, ...others] = ranges;
  if (first === undefined) return UNSATISFIABLE;
  // More bytes than there are means overlap: such a request gains nothing over the whole.
  const total = ranges.reduce((sum, range) => sum + range.end - range.start, 0);
  return total > size ? WHOLE : { kind: 'ranges', ranges: [first, ...others] };
}

/** An empty range where the spec is sound but not satisfiable; undefined where it breaks the grammar. */
function parseSpec(spec: string, size: number): ByteRange | undefined {
  const match = /^(\d*)-(\d*)$/.exec(spec);
  if (match === null || spec === '-') return undefined;
  const [, first = '', last = ''] = match;
  // RFC 9110 §14.1.2: a suffix longer than the representation means all of it; a suffix of 0 is not satisfiable.
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  if (last === '') return { start: Math.min(start, size), end: size };
  // RFC 9110 §14.1.1: an int-range whose last-pos is less than its first-pos is invalid.
  if (Number(last) < start) return undefined;
  return { start: Math.min(start, size), end: Math.min(Number(last) + 1, size) };
}

/** In steps, since an expression for the end would look at a run of spaces in the middle once for each of them. */
function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text[start])) start++;
  while (end > start && isOws(text[end - 1])) end--;
  return text.slice(start, end);
}

function isOws(letter: string | undefined): boolean {
  return letter === ' ' || letter === '\t';
}

/** RFC 9110 §14.4. */
export function formatContentRange(range: ByteRange, size: number): string {
  return `bytes ${range.start}-${range.end - 1}/${size}`;
}
