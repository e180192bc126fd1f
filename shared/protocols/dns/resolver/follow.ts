import { decodeName, formatName, type Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { EDE, fault } from './fault.ts';
import { ALIASES_MAX } from './limits.ts';
import type { Outcome } from './outcome.ts';
import type { Resolution } from './state.ts';
import type { Asked } from './validation/absence.ts';

/** RFC 1034 §3.6.2: from alias to alias to what is asked for; undefined: something is wanted first. */
export function follow(
  { name, type }: Asked,
  conclude: (name: Name, type: number) => Outcome | undefined,
): Resolution | undefined {
  const aliases: RRset[] = [];
  let secure = true;
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (let at: Name | undefined = name; at !== undefined && aliases.length <= ALIASES_MAX;) {
    const outcome = conclude(at, type);
    if (outcome === undefined) return undefined;
    if (outcome.kind === 'failed') return outcome;
    secure &&= outcome.secure;
    ttlSeconds = Math.min(ttlSeconds, outcome.ttlSeconds);
    const rrset: RRset | undefined = outcome.kind === 'found' ? outcome.rrset : undefined;
    if (rrset === undefined || rrset.type === type) {
      const exists = outcome.kind === 'found' || outcome.exists;
      return { kind: 'answered', aliases, rrset, exists, secure, ttlSeconds };
    }
    aliases.push(rrset);
    at = targetOf(rrset);
  }
  const text = `${formatName(name)} is an alias that leads nowhere within ${ALIASES_MAX} steps`;
  return { kind: 'failed', fault: fault(EDE.OTHER, text) };
}

function targetOf({ data }: RRset): Name | undefined {
  const decoded = decodeName(data[0] ?? new Uint8Array(), 0);
  return decoded.ok ? decoded.value.name : undefined;
}
