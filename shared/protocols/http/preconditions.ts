import { parseHttpDate } from './date.ts';
import { parseEntityTagList, strongMatch, weakMatch } from './entity-tag.ts';
import { fieldOf, type Request } from './message.ts';

/** What a representation can be recognised by. */
export interface Validators {
  /** With its quotes; strong. */
  readonly entityTag: string;
  /** A whole second; absent where it is not known. */
  readonly modifiedMs?: number;
}

export type PreconditionOutcome = 'proceed' | 'not-modified' | 'failed';

/** RFC 9110 §13.2.2, steps 1 to 4, for GET and HEAD of a representation that exists. */
export function evaluatePreconditions(
  request: Request,
  validators: Validators,
  nowMs: number,
): PreconditionOutcome {
  if (!unchanged(request, validators, nowMs)) return 'failed';
  const ifNoneMatch = fieldOf(request, 'if-none-match');
  if (ifNoneMatch !== undefined) {
    const tags = parseEntityTagList(ifNoneMatch);
    // RFC 9110 §13.1.2: weak comparison, since a weak match is enough to reuse a cached copy.
    const known = tags === '*' || tags.some(tag => weakMatch(tag, validators.entityTag));
    return known ? 'not-modified' : 'proceed';
  }
  const since = dateOf(request, 'if-modified-since', nowMs);
  // RFC 9110 §13.1.3: ignored where the representation has no modification date.
  if (since === undefined || validators.modifiedMs === undefined) return 'proceed';
  return validators.modifiedMs <= since ? 'not-modified' : 'proceed';
}

/** Steps 1 and 2: If-Match, or where it is absent If-Unmodified-Since. */
function unchanged(request: Request, validators: Validators, nowMs: number): boolean {
  const ifMatch = fieldOf(request, 'if-match');
  if (ifMatch !== undefined) {
    const tags = parseEntityTagList(ifMatch);
    // RFC 9110 §13.1.1: strong comparison.
    return tags === '*' || tags.some(tag => strongMatch(tag, validators.entityTag));
  }
  const since = dateOf(request, 'if-unmodified-since', nowMs);
  // RFC 9110 §13.1.4: ignored where the value is no date, or the modification date is not known.
  return since === undefined || validators.modifiedMs === undefined || validators.modifiedMs <= since;
}

/** RFC 9110 §13.2.2 step 5: whether Range counts. Without If-Range it does. */
export function rangeApplies(request: Request, validators: Validators, nowMs: number): boolean {
  const ifRange = fieldOf(request, 'if-range');
  if (ifRange === undefined) return true;
  // RFC 9110 §13.1.5: told from a date by a DQUOTE in the first three characters; strong comparison.
  if (ifRange.slice(0, 3).includes('"')) return strongMatch(ifRange, validators.entityTag);
  return validators.modifiedMs !== undefined && parseHttpDate(ifRange, nowMs) === validators.modifiedMs;
}

function dateOf(request: Request, name: string, nowMs: number): number | undefined {
  const value = fieldOf(request, name);
  return value === undefined ? undefined : parseHttpDate(value, nowMs);
}
