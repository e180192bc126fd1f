import type { CertificateMaker } from '../x509/certificate-maker.ts';
import { createAttempt } from './attempt.ts';
import { authoritiesOf, isNameless, orderFor, orderForAddresses, type Order } from './authorities.ts';
import { Authority } from './authority.ts';
import type { CertificateDevices, CertificateHealth, CertificatesWanted } from './certificates.ts';
import { dnsSolverOf } from './dns-solver.ts';
import { createEvents, type Events } from './events.ts';
import { openFormer, type FormerCertificates } from './former.ts';
import { reportHealth } from './health.ts';
import type { Issued } from './issued.ts';
import { Keeper } from './keeper.ts';
import { hold, type NameSet } from './name-set.ts';
import { nameSetId } from './names.ts';
import { createPreflight } from './preflight.ts';
import { createProofs, type Proofs } from './proofs.ts';
import { createReachability } from './reachability.ts';
import { createSecrets } from './secrets.ts';
import { keepSelfSigned } from './self-signed-renewal.ts';
import { openSelfSignedCertificate } from './self-signed.ts';
import { createCertificateStore, type CertificateStore } from './store.ts';
import { createTrueTime, type TrueTime } from './true-time.ts';
import { createTurns, type Turns } from './turns.ts';

export interface Opened {
  readonly sets: readonly NameSet[];
  readonly proofs: Proofs;
  readonly former: FormerCertificates;
  readonly listeners: Set<() => void>;
  close(): Promise<void>;
}

/** What all sets of names have in common. */
interface Common {
  readonly wanted: CertificatesWanted;
  readonly devices: CertificateDevices;
  readonly health: CertificateHealth;
  readonly maker: CertificateMaker;
  readonly store: CertificateStore;
  readonly time: TrueTime;
  readonly proofs: Proofs;
  readonly authorities: readonly Authority[];
  readonly events: Events;
  readonly turns: Turns;
  readonly listeners: Set<() => void>;
  readonly signal: AbortSignal;
}

/** Opens every set of names and starts what keeps them valid. */
export async function openNameSets(
  wanted: CertificatesWanted,
  devices: CertificateDevices,
  health: CertificateHealth,
  maker: CertificateMaker,
): Promise<Opened> {
  const stopped = new AbortController();
  const common = openCommon({ wanted, devices, health, maker, signal: stopped.signal });
  const { proofs, listeners } = common;
  const sets: NameSet[] = [];
  for (const names of wanted.nameSets) sets.push(await openNameSet(names, common));
  const wantedIds = wanted.nameSets.flatMap(names => idOf(names, common) ?? []);
  const former = await openFormer(common.store, wantedIds, common.time);
  const running = [
    ...sets.map(set => keep(set, common)),
    keepSelfSigned(sets, { ...devices, signal: stopped.signal, health, listeners }),
  ];
  return {
    sets,
    proofs,
    former,
    listeners,
    async close() {
      stopped.abort(new Error('certificates are closed'));
      await Promise.all(running);
    },
  };
}

function openCommon(given: Pick<Common, 'wanted' | 'devices' | 'health' | 'maker' | 'signal'>): Common {
  const { wanted, devices, maker, signal } = given;
  const store = createCertificateStore(devices);
  const time = createTrueTime(devices.clock);
  const secrets = createSecrets(wanted.secret ?? (async () => undefined));
  const parts = { devices, store, maker, time, signal };
  return {
    ...given,
    store,
    time,
    proofs: createProofs({
      maker,
      dns: wanted.dnsSolver ?? dnsSolverOf(wanted.configuration, secrets, devices),
      resolver: devices.resolver,
      log: devices.log,
    }),
    authorities: authoritiesOf(wanted.configuration, secrets).map(options => new Authority(options, parts)),
    events: createEvents(devices),
    turns: createTurns(),
    listeners: new Set(),
  };
}

async function openNameSet(names: readonly string[], common: Common): Promise<NameSet> {
  const { wanted, devices, maker } = common;
  const set: NameSet = { names, own: await openSelfSignedCertificate(names, devices, maker) };
  if (isNameless(names)) return set;
  const order = orderFor(names, wanted.configuration);
  if (order !== undefined) await beginKeeping(set, order, common);
  return set;
}

/** Under what the certificate for those names is kept; undefined where none is asked for. */
function idOf(names: readonly string[], { wanted }: Common): string | undefined {
  const order = orderFor(names, wanted.configuration);
  return order === undefined ? undefined : nameSetId(order.names);
}

/** Takes up what is stored for that order. */
async function beginKeeping(set: NameSet, order: Order, common: Common): Promise<void> {
  const { store } = common;
  const id = nameSetId(order.names);
  const kept = await store.issued(id).load();
  if (kept !== undefined) hold(set, kept);
  const keeper = createKeeper(set, { id, order }, common);
  await keeper.open(kept);
  set.keeper = keeper;
}

/** The network may give a machine its addresses at any time after its start. */
const ADDRESS_CHECK_INTERVAL_MS = 60_000;

/** Keeps a set valid until the signal; one without a name stands for the machine's addresses, as soon as it has any to show. */
async function keep(set: NameSet, common: Common): Promise<void> {
  const { wanted, devices, signal, events } = common;
  while (set.keeper === undefined && isNameless(set.names) && !signal.aborted) {
    try {
      const order = orderForAddresses((await wanted.addresses?.()) ?? [], wanted.configuration);
      if (order !== undefined) await beginKeeping(set, order, common);
      else await devices.clock.sleep(ADDRESS_CHECK_INTERVAL_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      events.keeperFailed(error);
      await devices.clock.sleep(ADDRESS_CHECK_INTERVAL_MS, signal).catch(() => undefined);
    }
  }
  await set.keeper?.run();
}

function createKeeper(
  set: NameSet,
  { id, order }: { readonly id: string; readonly order: Order },
  common: Common,
): Keeper {
  const { wanted, devices, health, store, events, listeners, signal } = common;
  const attempt = createAttempt({
    ...common,
    ...order,
    id,
    challenges: wanted.configuration.challenges,
    keyType: wanted.configuration['key-type'],
    preflight: createPreflight({
      resolver: devices.resolver,
      addresses: wanted.addresses ?? (async () => []),
      reachability: createReachability(devices, common.proofs, signal),
      signal,
    }),
    clock: devices.clock,
  });
  return new Keeper({
    ...common,
    ...devices,
    names: order.names,
    issued: store.issued(id),
    renewal: store.renewal(id),
    attempt,
    onIssued(issued: Issued) {
      hold(set, issued);
      events.issued(order.names, set.issued?.facts.issuer ?? '', set.issued?.facts.notAfterMs ?? 0);
      for (const listener of listeners) listener();
    },
    onTurn: () => reportHealth(set, { health, events }),
  });
}
