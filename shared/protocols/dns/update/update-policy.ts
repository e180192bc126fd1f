import { err, ok, type Result } from '../../../base/result.ts';
import { TYPE } from '../message.ts';
import { equalNames, lowerName, parseName, type Name } from '../name.ts';

/** Names of a zone by their labels before the apex; a label `*` stands for any number of labels, also none. */
export type NamePattern = readonly string[];

/** What the holder of a key may change. */
export interface UpdateGrant {
  /** The TSIG key's name. */
  readonly key: Name;
  readonly names: readonly NamePattern[];
  /** undefined: every type but {@link SIGNER_TYPES}. */
  readonly types: readonly number[] | undefined;
}

/** RFC 3007 §3: what the server itself makes when it signs is never updated. */
export const SIGNER_TYPES: readonly number[] = [
  TYPE.RRSIG,
  TYPE.NSEC,
  TYPE.NSEC3,
  TYPE.NSEC3PARAM,
  TYPE.DNSKEY,
  TYPE.CDS,
  TYPE.CDNSKEY,
  TYPE.ZONEMD,
];

/** `@` is the apex, `*` every name, `*.dyn` what is at and below dyn, `_acme-challenge.*` the challenge of every name. */
export function parseNamePattern(text: string): Result<NamePattern, string> {
  if (text === '@') return ok([]);
  const name = parseName(text);
  return name.ok ? ok(name.value.map(labelKey)) : err(name.error);
}

/** Whether one of the grants lets the holder of `key` change RRsets of `type` at `owner`, which is in the zone. */
export function mayUpdate(
  grants: readonly UpdateGrant[],
  key: Name,
  { apex, owner, type }: { readonly apex: Name; readonly owner: Name; readonly type: number },
): boolean {
  if (SIGNER_TYPES.includes(type)) return false;
  const labels = lowerName(owner.slice(0, owner.length - apex.length)).map(labelKey);
  return grants.some(
    grant =>
      equalNames(grant.key, key) &&
      grant.types?.includes(type) !== false &&
      grant.names.some(pattern => matches(pattern, labels)),
  );
}

/** Label by label; the text is one character a byte, in lower case. */
function labelKey(label: Uint8Array): string {
  return String.fromCharCode(...label).toLowerCase();
}

/** Remembers the last `*` and lets it take one label more where the rest does not fit: linear in practice, never exponential. */
function matches(pattern: NamePattern, labels: readonly string[]): boolean {
  let at = 0;
  let star: { readonly pattern: number; label: number } | undefined;
  for (let label = 0; label < labels.length || at < pattern.length;) {
    if (pattern[at] === ANY_LABELS) star = { pattern: at++, label };
    else if (label < labels.length && pattern[at] === labels[label]) {
      at++;
      label++;
    } else if (star !== undefined && star.label < labels.length) {
      label = ++star.label;
      at = star.pattern + 1;
    } else return false;
  }
  return true;
}

const ANY_LABELS = '*';
