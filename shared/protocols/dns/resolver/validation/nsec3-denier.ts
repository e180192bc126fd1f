import { encodeUtf8, equalBytes, viewOf } from '../../../../base/bytes.ts';
import { parseBase32hex } from '../../base32hex.ts';
import { hashName } from '../../dnssec/nsec3.ts';
import { TYPE } from '../../message.ts';
import { equalNames, formatName, type Name } from '../../name.ts';
import { compareBytes } from '../../rrset.ts';
import { decodeTypeBitmap } from '../../type-bitmap.ts';
import { canonicalKey } from '../../zone-file/canonical-key.ts';
import { NSEC3_ITERATIONS_MAX } from '../limits.ts';
import { isCutAbove, judgeTypes, NAME_ABSENT, type Absence, type Asked, type Denier } from './absence.ts';
import type { Budget } from './budget.ts';
import type { Verified } from './verify-signed.ts';

interface Nsec3 {
  readonly hash: Uint8Array;
  readonly next: Uint8Array;
  readonly optOut: boolean;
  readonly types: ReadonlySet<number>;
  readonly iterations: number;
  readonly salt: Uint8Array;
}

const ASTERISK = encodeUtf8('*');
const SHA1 = 1;
const OPT_OUT = 1;

/** RFC 5155 §8. The records are verified, all of the zone at `apex`. */
export function createNsec3Denier(records: readonly Verified[], apex: Name, budget: Budget): Denier {
  const read = records.flatMap(record => readNsec3(record, apex));
  const [first] = read;
  // RFC 5155 §8.2: all that is used for one proof has the same parameters.
  const nsec3s = read.filter(
    ({ iterations, salt }) => iterations === first?.iterations && equalBytes(salt, first.salt),
  );
  if (first !== undefined && first.iterations > NSEC3_ITERATIONS_MAX) return TOO_MANY_ITERATIONS;
  const chain = new HashedChain(nsec3s, apex, budget);
  return {
    proveAbsence: asked => chain.proveAbsence(asked),
    proveNoCloserName({ name }, labels) {
      // RFC 5155 §8.8: the closest encloser is known by the wildcard; the name below it must not exist.
      const covering = chain.findCovering(name.slice(name.length - labels - 1));
      return covering === undefined ? undefined : { secure: !covering.optOut };
    },
  };
}

/** RFC 9276 §3.2: too dear to look at, so that what they say is taken without proof. A cut is then one to an insecure zone. */
const TOO_MANY_ITERATIONS: Denier = {
  proveAbsence: () => ({ exists: true, isCut: true, secure: false }),
  proveNoCloserName: () => ({ secure: false }),
};

class HashedChain {
  readonly #nsec3s: readonly Nsec3[];
  readonly #apex: Name;
  readonly #budget: Budget;
  readonly #hashes = new Map<string, Uint8Array | undefined>();

  constructor(nsec3s: readonly Nsec3[], apex: Name, budget: Budget) {
    this.#nsec3s = nsec3s;
    this.#apex = apex;
    this.#budget = budget;
  }

  proveAbsence(asked: Asked): Absence | undefined {
    const own = this.#match(asked.name);
    if (own !== undefined) return judgeTypes(own.types, asked);
    const encloser = this.#closestEncloser(asked.name);
    if (encloser === undefined) return undefined;
    const covering = this.findCovering(asked.name.slice(asked.name.length - encloser.length - 1));
    if (covering === undefined) return undefined;
    // RFC 5155 §8.6 and §8.9: a cut without DS need not be shown.
    if (asked.type === TYPE.DS && covering.optOut) return { exists: true, isCut: true, secure: false };
    const wildcard = [ASTERISK, ...encloser];
    const secure = !covering.optOut;
    const atWildcard = this.#match(wildcard);
    // RFC 5155 §8.7.
    if (atWildcard !== undefined) {
      const judged = judgeTypes(atWildcard.types, { name: wildcard, type: asked.type });
      return judged === undefined ? undefined : { ...judged, secure };
    }
    // RFC 5155 §8.4.
    return this.findCovering(wildcard) === undefined ? undefined : { ...NAME_ABSENT, secure };
  }

  findCovering(name: Name): Nsec3 | undefined {
    const hash = this.#hash(name);
    return hash === undefined ? undefined : this.#nsec3s.find(nsec3 => isBetween(nsec3, hash));
  }

  /** RFC 5155 §8.3: the longest name above `name` that is shown to exist, and is in the zone with all that is below it. */
  #closestEncloser(name: Name): Name | undefined {
    for (let above = name.slice(1); above.length >= this.#apex.length; above = above.slice(1)) {
      const match = this.#match(above);
      if (match !== undefined)
        return isCutAbove(match.types) || match.types.has(TYPE.DNAME) ? undefined : above;
      if (above.length === 0) break;
    }
    return undefined;
  }

  #match(name: Name): Nsec3 | undefined {
    const hash = this.#hash(name);
    return hash === undefined ? undefined : this.#nsec3s.find(nsec3 => equalBytes(nsec3.hash, hash));
  }

  /** undefined: there is nothing to compare with, or hashing has become too dear. */
  #hash(name: Name): Uint8Array | undefined {
    const [first] = this.#nsec3s;
    if (first === undefined) return undefined;
    const key = canonicalKey(name);
    const known = this.#hashes.get(key);
    if (known !== undefined) return known;
    if (!this.#budget.mayHash(first.iterations + 1)) return undefined;
    const hash = hashName(name, first.iterations, first.salt);
    this.#hashes.set(key, hash);
    return hash;
  }
}

function isBetween({ hash: owner, next }: Nsec3, hash: Uint8Array): boolean {
  const isAfterOwner = compareBytes(owner, hash) < 0;
  const isBeforeNext = compareBytes(hash, next) < 0;
  // RFC 5155 §3.1.7: the last one leads back to the first.
  return compareBytes(owner, next) < 0
    ? isAfterOwner && isBeforeNext
    : (isAfterOwner || isBeforeNext) && !equalBytes(owner, hash);
}

function readNsec3({ rrset, fromWildcard }: Verified, apex: Name): Nsec3[] {
  const [label, ...zone] = rrset.owner;
  const hash = label === undefined ? undefined : parseBase32hex(formatName([label]));
  const [data] = rrset.data;
  if (fromWildcard || data === undefined || hash === undefined || !equalNames(zone, apex)) return [];
  const [algorithm, flags = 0] = data;
  // RFC 5155 §8.1 and §8.2: an unknown hash or flag makes the record nothing to us.
  if (algorithm !== SHA1 || (flags & ~OPT_OUT) !== 0) return [];
  const hashAt = 6 + (data[4] as number);
  const hashEnd = hashAt + (data[hashAt - 1] as number);
  const types = decodeTypeBitmap(data.subarray(hashEnd));
  if (types === undefined) return [];
  return [
    {
      hash,
      next: data.subarray(hashAt, hashEnd),
      optOut: (flags & OPT_OUT) !== 0,
      types: new Set(types),
      iterations: viewOf(data).getUint16(2),
      salt: data.subarray(5, hashAt - 1),
    },
  ];
}
