/** The word of `known` that a person most likely meant, if one is near: two letters or a third of them differ. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const each of known) {
    const distance = editDistance(word.toLowerCase(), each);
    if (distance < bestDistance) [best, bestDistance] = [each, distance];
  }
  return best !== undefined &&
    bestDistance <= Math.min(best.length - 1, Math.max(2, Math.floor(best.length / 3)))
    ? best
    : undefined;
}

/** Levenshtein's distance. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
