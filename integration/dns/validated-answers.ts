import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlaneShared } from '../../shared/devices/udp.ts';
import type { SignOnline } from '../../shared/protocols/dns/answer/compact-answers.ts';
import { createStreamResponder } from '../../shared/protocols/dns/answer/stream-responder.ts';
import { askByStream, SOURCE } from '../../shared/protocols/dns/answer/testing/ask.ts';
import { compileDirectory } from '../../shared/protocols/dns/compiled/compile-directory.ts';
import { compileZone } from '../../shared/protocols/dns/compiled/compile-zone.ts';
import { signOnline } from '../../shared/protocols/dns/dnssec/compact-denial.ts';
import type { Dnskey } from '../../shared/protocols/dns/dnssec/dnskey.ts';
import type { SignedZone } from '../../shared/protocols/dns/dnssec/signed-zone.ts';
import { FLAG, RCODE, TYPE } from '../../shared/protocols/dns/message.ts';
import { equalNames, formatName, nameBytes, NAME_MAX_BYTES } from '../../shared/protocols/dns/name.ts';
import { formatType } from '../../shared/protocols/dns/record-types/mnemonics.ts';
import type { RRset } from '../../shared/protocols/dns/rrset.ts';
import { Prng } from '../../shared/simulation/prng.ts';
import { startNameServer, type NameServer } from './name-server.ts';
import { signTwice, type SignedVersion, type SigningTrial } from './signed-zone-trial.ts';
import { createValidators, type ValidatedQuestion } from './validators.ts';
import { nameOf } from './zone-builder.ts';

/** What a validator proves in ways of their own. */
export const ANSWER_KINDS = ['positive', 'no data', 'no name', 'wildcard', 'delegation'] as const;
type AnswerKind = (typeof ANSWER_KINDS)[number];

interface Question extends ValidatedQuestion {
  readonly kind: AnswerKind;
}

export interface Tried {
  readonly complaints: readonly string[];
  /** What was asked, by kind: not every zone has a wildcard or a cut. */
  readonly asked: readonly AnswerKind[];
}

export interface AnswerTrial extends SigningTrial {
  readonly folder: string;
  /** What the validators trust in the place of the zone's own key. */
  readonly trust?: Dnskey;
}

/** Serves one of the versions of a seed's random zone, and has validators ask it one question of each kind that it has. */
export async function tryAnswers(trial: AnswerTrial): Promise<Tried> {
  const prng = new Prng(`answers ${trial.seed}`);
  const version = prng.pick(signTwice(trial));
  const shared = compileDirectory([compileZone(version.content)]);
  await using server = await serve(shared, version);
  const folder = await mkdtemp(join(trial.folder, 'validators-'));
  const [key] = version.keys.ksk;
  if (key === undefined) throw new Error('a zone is signed by a key');
  const trusted = { apex: version.content.apex, port: server.port, key: trial.trust ?? key.dnskey };
  const validators = await createValidators(folder, trusted);
  const questions = ANSWER_KINDS.flatMap(kind => pickQuestion(prng, kind, version.content, shared) ?? []);
  const complaints: string[] = [];
  for (const question of questions)
    for (const { name, said } of await Promise.all(
      validators.map(async one => ({ name: one.name, said: await one.complaint(question) })),
    ))
      if (said !== undefined) complaints.push(`${name}, ${describeTrial(trial, question)}: ${said}`);
  return { complaints, asked: questions.map(({ kind }) => kind) };
}

function describeTrial({ seed, denial, algorithm }: SigningTrial, { kind, name, type }: Question): string {
  return `seed ${seed}, ${denial}, ${algorithm}, ${kind}, ${formatName(name)} ${formatType(type)}`;
}

/** RFC 6891 §6.2.5 has 4096 as the most that is worth offering; the asker's own limit is the responder's to keep. */
const DATAGRAM_MAX_BYTES = 4_096;
const HOUR_SECONDS = 3_600;

function serve(shared: PlaneShared, { keys: { zsk } }: SignedVersion): Promise<NameServer> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const validity = {
    inceptionSeconds: nowSeconds - HOUR_SECONDS,
    expirationSeconds: nowSeconds + HOUR_SECONDS,
  };
  const sign: SignOnline = (apex, rrset) => signOnline(rrset, { apex, zsk, validity });
  const respond = createStreamResponder({ sign });
  return startNameServer((transport, message) => {
    const room = transport === 'udp' ? { datagramMaxBytes: DATAGRAM_MAX_BYTES } : {};
    const reply = respond(shared, { message, source: SOURCE, ...room }, Date.now());
    return reply instanceof Uint8Array ? reply : undefined;
  });
}

/** Types that a resolver asks for by itself, and answers otherwise. */
const OWN_WAYS = new Set<number>([
  TYPE.NSEC,
  TYPE.NSEC3,
  TYPE.NSEC3PARAM,
  TYPE.RRSIG,
  TYPE.DNAME,
  TYPE.CNAME,
]);
/** Random zones have none of these. */
const ABSENT = TYPE.HINFO;
const TRIES = 60;

/** Undefined where the zone seems to have nothing of the kind. */
function pickQuestion(
  prng: Prng,
  kind: AnswerKind,
  { apex, rrsets }: SignedZone,
  shared: PlaneShared,
): Question | undefined {
  const known = [...rrsets].filter(({ type }) => !OWN_WAYS.has(type));
  for (let count = 0; count < TRIES; count++) {
    const candidate = candidateFor(prng, kind, prng.pick(known));
    if (candidate === undefined || nameBytes(candidate.name) > NAME_MAX_BYTES) continue;
    if (kind === 'delegation' && equalNames(candidate.name, apex)) continue;
    const positive = isAnswered(shared, { ...candidate, kind });
    if (positive !== undefined) return { ...candidate, kind, positive };
  }
  return undefined;
}

type Candidate = Pick<Question, 'name' | 'type'>;

function candidateFor(prng: Prng, kind: AnswerKind, { owner, type }: RRset): Candidate | undefined {
  switch (kind) {
    case 'positive':
      return { name: owner, type };
    case 'no data':
      return { name: owner, type: ABSENT };
    case 'no name':
      return { name: [...nameOf(`not-there-${prng.below(1_000)}`), ...owner], type: TYPE.A };
    case 'wildcard':
      if (formatName(owner.slice(0, 1)) !== '*') return undefined;
      return { name: [...nameOf(`made-${prng.below(1_000)}`), ...owner.slice(1)], type };
    case 'delegation':
      return type === TYPE.NS ? { name: owner, type: TYPE.DS } : undefined;
  }
}

/** Whether it is answered by records or by none, and that as its kind has to be; undefined: it is another kind (an alias, a referral, …). */
function isAnswered(
  shared: PlaneShared,
  { kind, name, type }: Candidate & { kind: AnswerKind },
): boolean | undefined {
  const { rcode, flags, answers } = askByStream(shared, { name, type });
  if ((flags & FLAG.AA) === 0) return undefined;
  if (rcode !== (kind === 'no name' ? RCODE.NXDOMAIN : RCODE.NOERROR)) return undefined;
  const positive = answers.length > 0;
  if (!answers.every(record => record.type === type && equalNames(record.name, name))) return undefined;
  const isKind = kind === 'delegation' || positive === (kind === 'positive' || kind === 'wildcard');
  return isKind ? positive : undefined;
}
