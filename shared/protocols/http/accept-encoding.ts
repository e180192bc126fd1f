import type { Coding, Representation } from './site.ts';

/** What a client says it takes: weights from 0 (refused) to 1; `any` is `*`. Absent: not mentioned. */
type Weights = Partial<Record<Coding | 'any', number>>;

// RFC 9110 §12.4.2: a weight has at most three digits behind the point. §5.6.2: names are case-insensitive here (§8.4.1).
const ELEMENT =
  /^[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;

const NAMES: Readonly<Record<string, Coding | 'any'>> = {
  br: 'br',
  zstd: 'zstd',
  gzip: 'gzip',
  // RFC 9110 §8.4.1.3: x-gzip is to be taken as gzip.
  'x-gzip': 'gzip',
  identity: 'identity',
  '*': 'any',
};

/** Less than any weight that can be written: identity is acceptable unless refused, and wanted least unless mentioned. */
const UNMENTIONED_IDENTITY = 0.0001;

/**
 * RFC 9110 §12.5.3: the representation that suits the client best: by its weights, and where those are equal the first, which is
 * the smallest. Undefined only where the content exists in no coding that the client can read.
 */
export function selectRepresentation(
  representations: readonly Representation[],
  acceptEncoding: string | undefined,
): Representation | undefined {
  const [only] = representations;
  if (representations.length === 1 && only?.coding === 'identity') return only;
  const plain = firstListed(representations, acceptEncoding ?? '');
  if (plain !== undefined) return plain;
  const weights = parseAcceptEncoding(acceptEncoding ?? '');
  let best: Representation | undefined;
  let bestWeight = 0;
  for (const representation of representations) {
    const weight = weightOf(weights, representation.coding);
    if (weight <= bestWeight) continue;
    best = representation;
    bestWeight = weight;
  }
  // RFC 9110 §15.5.7: a server may supply a default instead of 406; every client can read what is not coded.
  return best ?? representations.find(({ coding }) => coding === 'identity');
}

/** What browsers send has no weights: then the first that is listed is the answer, without looking at all of it. */
function firstListed(representations: readonly Representation[], text: string): Representation | undefined {
  if (text.includes(';') || text.includes('*')) return undefined;
  return representations.find(({ coding }) => lists(text, coding));
}

function lists(text: string, coding: Coding): boolean {
  const start = text.indexOf(coding);
  if (start < 0) return false;
  const separated = start === 0 || text[start - 1] === ',' || text.startsWith(', ', start - 2);
  return separated && (text[start + coding.length] ?? ',') === ',';
}

function weightOf(weights: Weights, coding: Coding): number {
  const named = weights[coding] ?? weights.any;
  return named ?? (coding === 'identity' ? UNMENTIONED_IDENTITY : 0);
}

/** An element that breaks the grammar is passed over: it names nothing. */
function parseAcceptEncoding(text: string): Weights {
  const weights: Weights = {};
  if (text === '') return weights;
  for (const element of text.split(',')) {
    const match = ELEMENT.exec(element);
    const name = match?.[1] === undefined ? undefined : NAMES[match[1].toLowerCase()];
    if (name !== undefined) weights[name] = match?.[2] === undefined ? 1 : Number(match[2]);
  }
  return weights;
}
