import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { formatAbsoluteName } from '../../shared/protocols/dns/absolute-name.ts';
import { createStreamResponder } from '../../shared/protocols/dns/answer/stream-responder.ts';
import {
  encodeAsked,
  show,
  SOURCE,
  type Asked,
  type Shown,
} from '../../shared/protocols/dns/answer/testing/ask.ts';
import { checkProofs, type HashParameters } from '../../shared/protocols/dns/answer/testing/check-proofs.ts';
import { compileDirectory } from '../../shared/protocols/dns/compiled/compile-directory.ts';
import { compileZone } from '../../shared/protocols/dns/compiled/compile-zone.ts';
import { decodeMessage, TYPE, type Message } from '../../shared/protocols/dns/message.ts';
import { formatName, nameBytes, NAME_MAX_BYTES, type Name } from '../../shared/protocols/dns/name.ts';
import { formatType } from '../../shared/protocols/dns/record-types/mnemonics.ts';
import type { Zone } from '../../shared/protocols/dns/rrset.ts';
import { formatZone } from '../../shared/protocols/dns/zone-file/format-zone.ts';
import type { Prng } from '../../shared/simulation/prng.ts';
import { startKnot, startNsd } from './answer-peers.ts';
import { nameOf } from './zone-builder.ts';

const QUESTIONS = 300;

export interface Comparison {
  readonly prng: Prng;
  readonly folder: string;
  /** As it is served, signatures and all. */
  readonly zone: Zone;
  /** How the zone proves what is not there; absent: it is not signed. */
  readonly proves?: 'nsec' | HashParameters;
}

/** Asks NSD, Knot and the data plane the same of one zone, and expects the same answers. Whether NSD could load the zone. */
export async function compareAnswers({ prng, folder, zone, proves }: Comparison): Promise<boolean> {
  const file = { path: join(folder, 'zone'), apex: formatAbsoluteName(zone.apex) };
  // NSD 4.6 takes the dot behind an escaped backslash for an escaped dot.
  await writeFile(file.path, formatZone(zone).replaceAll('\\\\', '\\092'));
  await using nsd = await startNsd(folder, file);
  await using knot = await startKnot(folder, file);
  const questions = randomQuestions(prng, zone);
  const messages = questions.map((question, id) => encodeAsked(question, id));
  const isLoaded = await nsd.hasZone(zone.apex);
  const peers = isLoaded ? [nsd, knot] : [knot];
  const theirs = await Promise.all(peers.map(peer => peer.ask(messages)));
  for (const [index, our] of answerAll(zone, messages).entries()) {
    const { name, type, edns } = questions[index] as Asked;
    const label = `${formatName(name)} ${formatType(type)}`;
    const peersSay = theirs.map(answers => decode(answers[index]));
    for (const [number, said] of peersSay.entries())
      expect(comparable(our), `${label} by ${peers[number]?.name}`).toEqual(comparable(said));
    if (formatName(name.slice(0, 1)) !== '*')
      expect(peersSay.flatMap(proofs), `the proofs for ${label}`).toEqual(
        expect.arrayContaining(proofs(our)),
      );
    if (proves !== undefined && edns?.dnssecOk === true)
      checkProofs(our, zone.apex, proves === 'nsec' ? undefined : proves);
  }
  return isLoaded;
}

function answerAll(zone: Zone, messages: readonly Uint8Array[]): Message[] {
  const shared = compileDirectory([compileZone(zone)]);
  const respond = createStreamResponder();
  return messages.map(message => decode(respond(shared, { message, source: SOURCE }, 0)));
}

const TYPES = [
  TYPE.A,
  TYPE.AAAA,
  TYPE.TXT,
  TYPE.MX,
  TYPE.NS,
  TYPE.CNAME,
  TYPE.SOA,
  TYPE.DS,
  TYPE.SRV,
  TYPE.DNSKEY,
  65_280,
];

/** Names of the zone, above them, beside them and below them. */
function randomName(prng: Prng, apex: Name, owner: Name): Name {
  let name = owner;
  while (name.length > apex.length && prng.chance(0.3)) name = name.slice(1);
  while (prng.chance(0.4))
    name = [...nameOf(prng.pick(['a', 'www', '*', 'zz', 'ns', '0', 'xn--abc'])), ...name];
  return nameBytes(name) > NAME_MAX_BYTES ? apex : name;
}

function randomQuestions(prng: Prng, { apex, rrsets }: Zone): Asked[] {
  // Asked for RRSIG, Knot gives one of them, NSD and we give all. And owners of NSEC3 are names to NSD, against RFC 5155 §7.2.8.
  const known = rrsets.filter(({ type }) => type !== TYPE.RRSIG && type !== TYPE.NSEC3);
  return Array.from({ length: QUESTIONS }, () => ({
    name: randomName(prng, apex, prng.pick(known).owner),
    type: prng.chance(0.3) ? prng.pick(known).type : prng.pick(TYPES),
    edns: { dnssecOk: prng.chance(0.8) },
  }));
}

function decode(bytes: Uint8Array | string | undefined): Message {
  if (!(bytes instanceof Uint8Array)) throw new Error(`no answer: ${bytes}`);
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.error);
  return message.value;
}

/**
 * What all three have to have alike. Not the proofs: NSD sends some that are not needed, and both leave out some that are, for
 * names that begin with an asterisk. And of addresses only glue: others are at a server's discretion, and NSD has none where it is to be brief.
 */
function comparable(message: Message): Shown {
  const shown = show(message);
  return {
    ...shown,
    authorities: shown.authorities.filter(record => !isProof(record)),
    additionals: shown.answers.length > 0 ? [] : shown.additionals,
  };
}

function proofs(message: Message): string[] {
  return show(message).authorities.filter(isProof);
}

/** An NSEC or NSEC3, or a signature of one. */
function isProof(record: string): boolean {
  const [, , type, data = ''] = record.split(' ');
  const proofTypes: readonly number[] = [TYPE.NSEC, TYPE.NSEC3];
  const covered = Number.parseInt(data.slice(0, 4), 16);
  return proofTypes.includes(Number(type) === TYPE.RRSIG ? covered : Number(type));
}
