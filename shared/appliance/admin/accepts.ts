/** RFC 9110 §12.5.1, for a resource that has these forms in our order of preference; undefined takes the first. */
export function preferredType(accept: string | undefined, types: readonly string[]): string {
  const ranges = (accept ?? '*/*').split(',').map(parseRange);
  let best = types[0] ?? '';
  let bestQuality = 0;
  for (const type of types) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) [best, bestQuality] = [type, quality];
  }
  return best;
}

interface MediaRange {
  readonly range: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [range = '', ...parameters] = text.split(';').map(part => part.trim().toLowerCase());
  const quality = Number(parameters.find(each => each.startsWith('q='))?.slice(2) ?? 1);
  return { range, quality: Number.isFinite(quality) ? quality : 0 };
}

/** RFC 9110 §12.5.1: the most specific range that matches tells. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  for (const wanted of [type, `${type.split('/')[0]}/*`, '*/*']) {
    const found = ranges.find(({ range }) => range === wanted);
    if (found !== undefined) return found.quality;
  }
  return 0;
}
