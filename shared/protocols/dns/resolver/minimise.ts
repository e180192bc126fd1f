import type { Name } from '../name.ts';
import { MINIMISE_MAX, MINIMISE_ONE_LABEL } from './limits.ts';

/**
 * The names above `name` and below a zone of `zoneLabels` that the zone's servers are asked for first, the shortest first, so that each server
 * learns no more than it has to know: RFC 9156 §2.3. Long names are asked for in larger steps.
 */
export function* minimisedNames(name: Name, zoneLabels: number): Generator<Name> {
  for (const labels of stepsOf(name.length)) if (labels > zoneLabels) yield name.slice(name.length - labels);
}

/** How many labels are asked for, one step after the other, before all `count` of them. */
function stepsOf(count: number): number[] {
  const steps: number[] = [];
  let labels = 0;
  for (let step = 0; step < MINIMISE_MAX; step++) {
    const left = MINIMISE_MAX - step;
    // RFC 9156 §2.3: the first labels one by one, the rest in equal parts.
    labels += step < MINIMISE_ONE_LABEL ? 1 : Math.max(1, Math.ceil((count - labels) / left));
    if (labels >= count) break;
    steps.push(labels);
  }
  return steps;
}
