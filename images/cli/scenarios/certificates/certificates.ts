import type { HttpRequest } from '../../../../shared/devices/http.ts';
import type { Profiles } from '../../../../shared/simulation/acme-authority/profiles.ts';
import { Prng } from '../../../../shared/simulation/prng.ts';
import type { Scenario } from '../../../../shared/simulation/scenario.ts';
import type { World } from '../../../../shared/simulation/world.ts';
import { Appliance } from './appliance.ts';
import { AuthorityHost } from './authority-host.ts';
import { createDirectHttp } from './direct-http.ts';
import { certificateBugs, plantBugs } from './planted-bugs.ts';
import { makeTroubles, type Stage } from './troubles.ts';
import { Witness } from './witness.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365.25 * DAY_MS;

/** What authorities give today or will: Let's Encrypt's six-day, 45-, 64- and 90-day certificates. */
const LIFETIMES_MS = [160 * HOUR_MS, 45 * DAY_MS, 64 * DAY_MS, 90 * DAY_MS] as const;
const PROFILE = 'drawn';
const NAME_SETS = [['shop.lares.eu', 'www.shop.lares.eu'], ['photos.lares.eu']] as const;
/** RFC 5737 has no public addresses, and the preflight wants one. */
const PUBLIC_ADDRESS = '93.184.215.14';

const FIRST_CERTIFICATE_MS = 15 * 60_000;
/** Now and then power goes while an order is under way: by chance alone that would hardly ever happen. */
const CUT_DURING_ORDER = 0.02;
const LOST_ANSWERS = 0.005;
/** Some seconds after the request that drew it: an order takes about that long. */
const CUT_AFTER_MAX_MS = 12_000;

/** An appliance keeps its certificates for years, through all that happens to authorities, clocks and mains. */
export function certificatesScenario(years: number): Scenario {
  return {
    name: 'certificates',
    summary: `one appliance and one or two certificate authorities, through ${years} years of outages, power cuts and wrong clocks`,
    bugs: certificateBugs,
    run: (world, planted) => run(world, planted, years * YEAR_MS),
  };
}

async function run(world: World, planted: ReadonlySet<string>, durationMs: number): Promise<void> {
  const stage = setStage(world, planted);
  const { appliance, witness, hosts } = stage;
  world.invariant('what visitors see is valid', () =>
    appliance.certificates === undefined
      ? undefined
      : witness.judgeShown(appliance.certificates, (hosts[0] as AuthorityHost).nowMs),
  );
  world.invariant('no rate limit is met', () => {
    const hit = hosts.flatMap(({ authority }) => authority.limitHits)[0];
    return hit === undefined ? undefined : `${hit.limit}: ${hit.key}`;
  });
  appliance.start();
  await world.eventually('there is a certificate at first', FIRST_CERTIFICATE_MS, () =>
    witness.hasAll() ? undefined : 'a name has none',
  );
  await makeTroubles(stage, durationMs);
  world.note(`orders ${hosts.map(({ authority }) => authority.orders.length).join(' and ')}`);
}

function setStage(world: World, planted: ReadonlySet<string>): Stage & { readonly witness: Witness } {
  const { prng } = world;
  const lifetimeMs = prng.pick(LIFETIMES_MS);
  // Six-day certificates are renewed three hundred times in three years: one of them is enough.
  const nameSets = NAME_SETS.slice(0, lifetimeMs < 10 * DAY_MS ? 1 : prng.between(1, NAME_SETS.length));
  const names = nameSets.flat();
  for (const name of names) world.zones.add(name, 'A', PUBLIC_ADDRESS);
  const hosts = createHosts(world, lifetimeMs, action => appliance.look(action));
  const witness = new Witness(world, hosts, names);
  const cuts = new Prng(`${world.seed}/cuts`);
  const onRequest = (host: AuthorityHost, request: HttpRequest): void => {
    witness.noteRequest(host, request);
    const isPartOfOrder = !/^\/(renewal-info|directory)/.test(request.url.pathname);
    if (isPartOfOrder && witness.hasAll() && cuts.chance(CUT_DURING_ORDER))
      void cutSoon(world, appliance, cuts);
  };
  const latency = new Prng(`${world.seed}/latency`);
  const appliance = new Appliance(world, {
    nameSets,
    authorities: hosts.map(({ directoryUrl }) => directoryUrl),
    profile: PROFILE,
    challenges: prng.pick([['http-01'], ['tls-alpn-01'], ['tls-alpn-01', 'http-01']]),
    devicesOf(devices) {
      const { clock } = devices;
      const onAnswer = witness.noteAnswer.bind(witness);
      const http = createDirectHttp({
        hosts,
        clock,
        prng: latency,
        lostAnswers: LOST_ANSWERS,
        elsewhere: request => appliance.answer(request),
        onRequest,
        onAnswer,
      });
      return plantBugs({ ...devices, http }, planted, lifetimeMs);
    },
  });
  const days = (lifetimeMs / DAY_MS).toFixed(1);
  world.note(`certificates of ${days} days, ${hosts.length} authorities, ${nameSets.length} certificates`);
  return { world, appliance, hosts, witness };
}

function createHosts(
  world: World,
  lifetimeMs: number,
  look: ConstructorParameters<typeof AuthorityHost>[2],
): AuthorityHost[] {
  const { prng } = world;
  const profiles: Profiles = {
    [PROFILE]: {
      description: 'as the seed has it',
      lifetimeMs,
      reuseMs: prng.pick([7 * HOUR_MS, 10 * DAY_MS, 30 * DAY_MS]),
      takesAddresses: false,
      namesMax: 100,
    },
  };
  const renewalRetryAfterMs = prng.pick([6, 12, 24]) * HOUR_MS;
  const options = { profiles: () => profiles, nonceRejection: 0.15, renewalRetryAfterMs };
  const hostnames = ['ca-one.lares.eu', 'ca-two.lares.eu'].slice(0, prng.between(1, 2));
  return hostnames.map(hostname => new AuthorityHost(world, hostname, look, options));
}

async function cutSoon(world: World, appliance: Appliance, prng: Prng): Promise<void> {
  await world.sleep(prng.between(0, CUT_AFTER_MAX_MS));
  await appliance.restart(prng.between(500, 60_000), false);
}
