import { formatAbsoluteName } from '../../shared/protocols/dns/absolute-name.ts';
import { formatName, isAtOrBelow, type Name } from '../../shared/protocols/dns/name.ts';
import type { Zone } from '../../shared/protocols/dns/rrset.ts';
import type { Prng } from '../../shared/simulation/prng.ts';
import { nameOf, ZoneBuilder } from './zone-builder.ts';

export interface RandomZoneOptions {
  /** Names beside the apex; the default is 12. */
  readonly names?: number;
  /** Also names below a DNAME, which some servers refuse to load. The default is false. */
  readonly belowDname?: boolean;
  /** Only labels and types that a reader of 2010 knows, and nothing below a wildcard. The default is false. */
  readonly plain?: boolean;
}

/**
 * A small zone with as many odd corners as fit: wildcards and names below them, empty non-terminals, cuts with and without DS, glue, names
 * hidden by a cut, DNAME, CNAME chains and loops, labels of any bytes and lengths, mixed case, unknown types. It obeys the rules of zones.
 */
export function randomZone(prng: Prng, options: RandomZoneOptions = {}): Zone {
  const { names = 12, belowDname = false, plain = false } = options;
  const apex = nameOf(prng.pick(['example.test', 'Zone.Example.TEST', 'test']));
  const growing: Growing = {
    prng,
    builder: new ZoneBuilder(apex),
    owners: [apex],
    covers: [],
    belowDname,
    plain,
  };
  addApex(growing);
  for (let count = 0; count < names; count++) addName(growing);
  return growing.builder.build();
}

interface Growing {
  readonly prng: Prng;
  readonly builder: ZoneBuilder;
  readonly owners: Name[];
  /** Cuts and owners of DNAME: below them nothing new is put but what is glue or hidden on purpose. */
  readonly covers: Name[];
  readonly belowDname: boolean;
  readonly plain: boolean;
}

const TTLS = [0, 1, 60, 300, 3600, 86_400];

function addApex({ prng, builder }: Growing): void {
  const { apex } = builder;
  const ttl = prng.pick(TTLS.slice(2));
  const minimum = prng.pick(TTLS.slice(1));
  builder.add(apex, ttl, 'SOA', `ns1 hostmaster ${prng.next()} 7200 3600 1209600 ${minimum}`);
  for (const server of prng.chance(0.5) ? ['ns1', 'ns2'] : ['ns1']) {
    builder.add(apex, ttl, 'NS', server);
    builder.add([...nameOf(server), ...apex], ttl, 'A', `192.0.2.${prng.below(256)}`);
  }
  builder.add(apex, ttl, 'NS', 'ns.elsewhere.invalid.');
  if (prng.chance(0.3)) builder.add(apex, ttl, 'MX', `10 ns1`);
}

// The first is not for plain zones.
const PLAIN = ['-', 'a', 'b', 'www', 'Mixed', 'ns', '_tcp', '0', 'z', '*', 'xn--abc'];
// Bytes that master files, names or canonical order treat apart. `@` is not alone: ldns 1.8 takes `\064` in data for the origin.
const ODD = [
  [0],
  [0xff],
  [0x2e],
  [0x5c],
  [0x40, 0x61],
  [0x24],
  [0x22, 0x3b, 0x28],
  [0x20, 0x09],
  [0x2a, 0x2a],
  [0x5b],
];

function randomLabel({ prng, plain }: Growing): Uint8Array {
  if (plain) return nameOf(prng.pick(PLAIN.slice(1)))[0] as Uint8Array;
  if (prng.chance(0.04)) return new Uint8Array(63).fill(0x6c);
  if (prng.chance(0.04)) return prng.bytes(prng.between(1, 30));
  return prng.chance(0.15) ? Uint8Array.from(prng.pick(ODD)) : (nameOf(prng.pick(PLAIN))[0] as Uint8Array);
}

const KINDS = [
  'address',
  'address',
  'text',
  'mail',
  'alias',
  'cut',
  'cut',
  'dname',
  'service',
  'unknown',
] as const;
type Kind = (typeof KINDS)[number];
const PLAIN_KINDS = KINDS.filter(kind => kind !== 'service' && kind !== 'unknown');

// ldns 1.8 reads no name whose text is longer than 255 characters. Some names get two labels more.
const NAME_TEXT_MAX = 230;

function addName(growing: Growing): void {
  const { prng, builder, owners } = growing;
  let owner = prng.chance(0.4) ? builder.apex : prng.pick(owners);
  // Two labels at once leave an empty non-terminal between.
  for (let count = prng.chance(0.3) ? 2 : 1; count > 0; count--) owner = [randomLabel(growing), ...owner];
  if (formatName(owner).length > NAME_TEXT_MAX) return;
  if (builder.typesAt(owner).size > 0 || isCovered(growing, owner)) return;
  if (growing.plain && owner.slice(1).some(label => isWildcard([label]))) return;
  owners.push(owner);
  const kind = prng.pick(growing.plain ? PLAIN_KINDS : KINDS);
  // RFC 4592 §4.2 and §4.4: what NS and DNAME mean at a wildcard is not said. A name that has others below it takes neither.
  const mayCover = !isWildcard(owner) && !owners.some(name => name !== owner && isAtOrBelow(name, owner));
  add[kind === 'cut' || kind === 'dname' ? (mayCover ? kind : 'text') : kind](growing, owner);
  if (kind !== 'alias' && kind !== 'cut' && prng.chance(0.3)) add.text(growing, owner);
}

function isCovered({ covers }: Growing, owner: Name): boolean {
  return covers.some(cover => isAtOrBelow(owner, cover));
}

function isWildcard([first]: Name): boolean {
  return first?.length === 1 && first[0] === 0x2a;
}

type Add = (growing: Growing, owner: Name) => void;

const add: Readonly<Record<Kind, Add>> = {
  address({ prng, builder }, owner) {
    const ttl = prng.pick(TTLS);
    for (let count = prng.below(3); count >= 0; count--)
      builder.add(owner, ttl, 'A', `192.0.2.${prng.below(256)}`);
    if (prng.chance(0.5)) builder.add(owner, prng.pick(TTLS), 'AAAA', `2001:db8::${prng.below(10_000)}`);
  },
  text({ prng, builder }, owner) {
    builder.add(owner, prng.pick(TTLS), 'TXT', 'Text \\200\\"\\; x');
  },
  mail({ prng, builder }, owner) {
    // Names in the data of MX are in lower case when signed.
    builder.add(owner, prng.pick(TTLS), 'MX', '10 MAIL.Elsewhere.invalid.');
    builder.add(owner, prng.pick(TTLS), 'MX', '5 mail.elsewhere.invalid.');
  },
  alias({ prng, builder, owners }, owner) {
    const target = prng.chance(0.7) ? formatAbsoluteName(prng.pick(owners)) : 'Else.invalid.';
    builder.add(owner, prng.pick(TTLS), 'CNAME', target);
  },
  cut: addCut,
  dname(growing, owner) {
    const { prng, builder, covers } = growing;
    builder.add(owner, prng.pick(TTLS), 'DNAME', prng.chance(0.5) ? 'elsewhere.invalid.' : 'www');
    if (growing.belowDname && prng.chance(0.5)) builder.add(below('hidden', owner), 60, 'TXT', 'hidden');
    covers.push(owner);
  },
  service({ prng, builder }, owner) {
    builder.add(owner, prng.pick(TTLS), 'SRV', `1 2 ${prng.below(65_536)} host.elsewhere.invalid.`);
    builder.add(owner, prng.pick(TTLS), 'HTTPS', '1 . alpn=h2 port=8443');
    if (prng.chance(0.5)) builder.add(owner, prng.pick(TTLS), 'CAA', '0 issue ca.invalid');
  },
  unknown({ prng, builder }, owner) {
    builder.add(owner, prng.pick(TTLS), `TYPE${prng.pick([65_280, 1234, 300])}`, '\\# 3 ABCDEF');
  },
};

function addCut({ prng, builder, covers }: Growing, owner: Name): void {
  const ttl = prng.pick(TTLS);
  const inside = below(prng.pick(['ns', 'ns.deep', 'NS']), owner);
  const target = prng.chance(0.7) ? inside : undefined;
  builder.add(owner, ttl, 'NS', target === undefined ? 'ns.elsewhere.invalid.' : formatAbsoluteName(target));
  if (target !== undefined) builder.add(target, ttl, 'A', '192.0.2.77');
  if (prng.chance(0.3)) builder.add(owner, ttl, 'NS', 'ns1');
  const digest = prng.bytes(32).toHex();
  if (prng.chance(0.5)) builder.add(owner, prng.pick(TTLS), 'DS', `${prng.below(65_536)} 13 2 ${digest}`);
  if (prng.chance(0.3)) builder.add(below('hidden', inside), ttl, 'TXT', 'hidden');
  // The server's own address at the cut is glue for other zones, and not signed.
  if (prng.chance(0.3)) builder.add(owner, ttl, 'AAAA', '2001:db8::77');
  covers.push(owner);
}

function below(text: string, owner: Name): Name {
  return [...nameOf(text), ...owner];
}
