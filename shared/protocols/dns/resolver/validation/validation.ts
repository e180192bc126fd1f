import { err, ok, type Result } from '../../../../base/result.ts';
import { TYPE } from '../../message.ts';
import { formatName, isAtOrBelow } from '../../name.ts';
import type { RRset } from '../../rrset.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import type { SignedRRset } from '../../dnssec/signed-zone.ts';
import { EDE, fault, type Fault } from '../fault.ts';
import { found, type Found } from '../outcome.ts';
import type { Reply } from '../reply.ts';
import { formatZone, type Zone } from '../zone.ts';
import type { Absence, Asked, Denier } from './absence.ts';
import type { Budget } from './budget.ts';
import { createNsec3Denier } from './nsec3-denier.ts';
import { createNsecDenier } from './nsec-denier.ts';
import { verifyKeys } from './verify-keys.ts';
import { verifySigned, type Verified } from './verify-signed.ts';

export interface Judged {
  readonly rrset: RRset;
  readonly secure: boolean;
  /** Labels of the name below which the wildcard stands that the set was made from. */
  readonly wildcardLabels?: number;
}

/** Proves what one reply says with the keys of the zone, or takes it as it is where the zone is insecure. */
export class Validation {
  readonly #reply: Reply;
  readonly #zone: Zone;
  readonly #nowSeconds: number;
  readonly #budget: Budget;
  #proofs: Proofs | undefined;

  constructor(reply: Reply, zone: Zone, nowSeconds: number, budget: Budget) {
    this.#reply = reply;
    this.#zone = zone;
    this.#nowSeconds = nowSeconds;
    this.#budget = budget;
  }

  verify(signed: SignedRRset): Result<Judged, Fault> {
    const { owner, type, ttlSeconds, data } = signed;
    if (this.#zone.trust.kind === 'insecure')
      return ok({ rrset: { owner, type, ttlSeconds, data }, secure: false });
    const verified = this.#verifySigned(signed);
    if (!verified.ok) return verified;
    const { rrset, fromWildcard, labels } = verified.value;
    return ok({ rrset, secure: true, ...(fromWildcard ? { wildcardLabels: labels } : {}) });
  }

  /** RFC 4035 §5.3.4: what was made from a wildcard needs the proof that there is nothing closer. */
  checkWildcard({ rrset, secure, wildcardLabels }: Judged, asked: Asked): Found | Doubtful {
    if (wildcardLabels === undefined) return found(rrset, secure);
    const proven = this.#readProofs().denier.proveNoCloserName(asked, wildcardLabels);
    if (proven === undefined)
      return {
        kind: 'doubtful',
        fault: this.#unproven(`${formatName(asked.name)} has no name closer than a wildcard`),
      };
    return found(rrset, proven.secure);
  }

  /** `ttlSeconds` of the records that prove it; infinite where nothing is to be proven. */
  proveAbsence(asked: Asked): Result<Absence & { readonly ttlSeconds: number }, Fault> {
    if (this.#zone.trust.kind === 'insecure')
      return ok({ exists: true, isCut: false, secure: false, ttlSeconds: Number.POSITIVE_INFINITY });
    if (this.#zone.trust.kind === 'keyless')
      return err(
        fault(EDE.DNSKEY_MISSING, `${formatName(asked.name)} shows no keys, though its parent names some`),
      );
    const { denier, ttlSeconds } = this.#readProofs();
    const absence = denier.proveAbsence(asked);
    if (absence !== undefined) return ok({ ...absence, ttlSeconds });
    return err(this.#unproven(`${formatName(asked.name)} has no ${formatType(asked.type)}`));
  }

  #unproven(what: string): Fault {
    return fault(EDE.NSEC_MISSING, `${formatZone(this.#zone)} does not prove that ${what}`);
  }

  #readProofs(): Proofs {
    this.#proofs ??= this.#verifyProofs();
    return this.#proofs;
  }

  #verifyProofs(): Proofs {
    const { apex } = this.#zone.delegation;
    const verified = this.#reply.authorities
      .filter(({ type, owner }) => (type === TYPE.NSEC || type === TYPE.NSEC3) && isAtOrBelow(owner, apex))
      .map(signed => this.#verifySigned(signed))
      .flatMap(result => (result.ok ? [result.value] : []));
    const nsec = verified.filter(({ rrset }) => rrset.type === TYPE.NSEC);
    const denier = nsec.length > 0 ? createNsecDenier(nsec) : createNsec3Denier(verified, apex, this.#budget);
    return { denier, ttlSeconds: Math.min(...verified.map(({ rrset }) => rrset.ttlSeconds)) };
  }

  #verifySigned(signed: SignedRRset): Result<Verified, Fault> {
    const { delegation, trust } = this.#zone;
    if (trust.kind === 'keyless') return verifyKeys(signed, trust.ds, this.#nowSeconds, this.#budget);
    const dnskeys = trust.kind === 'keys' ? trust.dnskeys : [];
    return verifySigned(signed, { apex: delegation.apex, dnskeys }, this.#nowSeconds, this.#budget);
  }
}

interface Doubtful {
  readonly kind: 'doubtful';
  readonly fault: Fault;
}

interface Proofs {
  readonly denier: Denier;
  readonly ttlSeconds: number;
}
