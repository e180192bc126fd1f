import type { Devices } from '../../devices/devices.ts';
import { DeviceError } from '../../devices/device-error.ts';
import { caaNames, judgeCaa } from '../../protocols/acme/caa.ts';
import type { ChallengeType } from '../../protocols/acme/challenge.ts';
import type { Directory } from '../../protocols/acme/objects.ts';
import { isAddress } from './names.ts';
import { isPublicName } from './public-names.ts';
import type { Reachability } from './reachability.ts';

export interface PreflightQuestion {
  readonly names: readonly string[];
  readonly challengeTypes: readonly ChallengeType[];
  readonly directory: Directory;
  readonly accountUrl: string | undefined;
  /** An authority of the owner's own, which may see another DNS than this machine does. */
  readonly isPrivate: boolean;
}

/** Sentences for people. A refusal is certain to fail, so that no order is made; a doubt only explains a failure. */
export interface Findings {
  readonly refusals: readonly string[];
  readonly doubts: readonly string[];
}

export type Preflight = (question: PreflightQuestion) => Promise<Findings>;

interface PreflightParts extends Pick<Devices, 'resolver'> {
  /** Numeric addresses of this machine, as far as it knows them. */
  readonly addresses: () => Promise<readonly string[]>;
  /** Whether this machine opens where an authority knocks. */
  readonly reachability: Reachability;
  readonly signal: AbortSignal;
}

const NOTHING: Findings = { refusals: [], doubts: [] };

/** Looks, before an order is made, at what the authority will look at. */
export function createPreflight(parts: PreflightParts): Preflight {
  return async question => {
    const names = question.names.filter(name => !isAddress(name));
    const findings = await Promise.all(
      names.flatMap(name => [
        checkAddress(name, question, parts),
        checkPort(name, question, parts),
        checkCaa(name, question, parts),
      ]),
    );
    return {
      refusals: findings.flatMap(({ refusals }) => refusals),
      doubts: findings.flatMap(({ doubts }) => doubts),
    };
  };
}

/** Whether the name leads here, where the authority is going to knock. */
async function checkAddress(
  name: string,
  { challengeTypes, isPrivate }: PreflightQuestion,
  parts: PreflightParts,
): Promise<Findings> {
  // RFC 8555 §7.1.3: a wildcard is proved by the DNS alone, and has no address of its own.
  if (name.startsWith('*.') || !challengeTypes.some(needsAddress)) return NOTHING;
  // One configured way that needs no address may prove the name nevertheless.
  const missing = isPrivate || !challengeTypes.every(needsAddress) ? doubt : refusal;
  return orDoubt(`whether ${name} leads here cannot be told`, parts.signal, async () => {
    const [ipv4, ipv6] = await Promise.all([
      parts.resolver.resolve(name, 'A', parts.signal),
      parts.resolver.resolve(name, 'AAAA', parts.signal),
    ]);
    const found = [...ipv6.records, ...ipv4.records];
    const own = (await parts.addresses()).filter(isPublicName);
    const here = own.length === 0 ? 'the public address of this machine' : own.join(' and ');
    if (!ipv4.exists && !ipv6.exists)
      return missing(`${name} does not exist in the DNS; let it point to ${here}`);
    if (found.length === 0) return missing(`${name} has no address in the DNS; let it point to ${here}`);
    const hidden = found.filter(address => !isPublicName(address));
    if (hidden.length > 0) return doubt(`${name} points to ${hidden.join(', ')}, which is no public address`);
    // Behind a router that translates addresses nothing can be compared.
    const elsewhere = own.length === 0 ? [] : found.filter(address => !own.includes(address));
    return elsewhere.length === 0
      ? NOTHING
      : doubt(`${name} points to ${elsewhere.join(', ')}, while this machine has ${here}`);
  });
}

/** Whether a knock at the name's port 80 is heard here. */
async function checkPort(
  name: string,
  { challengeTypes }: PreflightQuestion,
  { reachability }: PreflightParts,
): Promise<Findings> {
  if (!challengeTypes.includes('http-01') || name.startsWith('*.')) return NOTHING;
  const sentence = await reachability(name);
  return sentence === undefined ? NOTHING : doubt(sentence);
}

/** Whether the owner of the domain lets this authority sign for it (RFC 8659). */
async function checkCaa(
  name: string,
  { directory, accountUrl, challengeTypes }: PreflightQuestion,
  { resolver, signal }: PreflightParts,
): Promise<Findings> {
  return orDoubt(`the CAA records of ${name} cannot be read`, signal, async () => {
    for (const at of caaNames(name)) {
      const { records } = await resolver.resolve(at, 'CAA', signal);
      if (records.length === 0) continue;
      const verdict = judgeCaa(records, {
        identities: directory.caaIdentities,
        accountUrl,
        methods: challengeTypes,
        wildcard: name.startsWith('*.'),
      });
      if (verdict.kind === 'allowed') return NOTHING;
      const sentence = `the CAA record at ${at} does not allow a certificate for ${name}: ${verdict.reason}`;
      return verdict.kind === 'forbidden' ? refusal(sentence) : doubt(`perhaps ${sentence}`);
    }
    return NOTHING;
  });
}

async function orDoubt(
  sentence: string,
  signal: AbortSignal,
  look: () => Promise<Findings>,
): Promise<Findings> {
  try {
    return await look();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DeviceError)) throw error;
    return doubt(`${sentence}: ${error.message}`);
  }
}

/** Whether the authority knocks at the name to find the proof. */
function needsAddress(type: ChallengeType): boolean {
  return type === 'http-01' || type === 'tls-alpn-01';
}

function refusal(sentence: string): Findings {
  return { refusals: [sentence], doubts: [] };
}

function doubt(sentence: string): Findings {
  return { refusals: [], doubts: [sentence] };
}
