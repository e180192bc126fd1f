import type { Health, ServiceContext } from '../../../shared/appliance/service.ts';
import { assert } from '../../../shared/base/assert.ts';
import { createSecrets } from '../../../shared/components/certificates/secrets.ts';
import { toName } from '../../../shared/components/dns-update/aliases.ts';
import type { Source } from '../../../shared/protocols/home-address/addresses.ts';
import type { DnsServiceConfiguration } from '../config.ts';
import type { Events } from '../events.ts';
import { zoneOf } from '../transports/own-zone-solver.ts';
import type { KeptZone } from '../zones/kept-zone.ts';
import { openFollowedName, type FollowDevices, type FollowedName } from './followed-name.ts';
import { InterfaceSource } from './interface-source.ts';
import { QuestionSource, type QuestionDevices } from './question-source.ts';
import { RouterReports, type ReportedName } from './router-reports.ts';

/** The names that follow this line. */
export interface Following extends Disposable {
  readonly names: readonly FollowedName[];
  /** undefined: no router is waited for. */
  readonly reports: RouterReports | undefined;
}

export interface FollowingParts {
  readonly zones: readonly KeptZone[];
  readonly events: Events;
  readonly context: Pick<ServiceContext, 'addresses' | 'secret'> & { readonly health: Health };
  readonly devices: FollowDevices & QuestionDevices;
}

/** Begins to follow. @throws DeviceError with a sentence for people where a secret is missing. */
export async function openFollowing(
  config: DnsServiceConfiguration,
  { zones, events, context, devices }: FollowingParts,
): Promise<Following> {
  using undo = new DisposableStack();
  const { health, addresses } = context;
  const names: FollowedName[] = [];
  for (const configuration of config.follow) {
    const owner = toName(configuration.name);
    const zone = zoneOf(owner, zones);
    assert(zone !== undefined, 'the configuration has seen to it that there is one');
    names.push(undo.use(await openFollowedName({ configuration, owner, zone }, { devices, events, health })));
  }
  const reported = await withPasswords(namesOf('update', names), context);
  const reports = reported.length === 0 ? undefined : new RouterReports(reported, devices.clock, events);
  const [seeing, asking, question] = [
    namesOf('interface', names),
    namesOf('question', names),
    config['address-question'],
  ];
  if (seeing.length > 0 && addresses !== undefined)
    undo.use(new InterfaceSource(seeing, addresses, { clock: devices.clock, events }));
  if (asking.length > 0 && question !== undefined)
    undo.use(new QuestionSource(question, asking, { devices, events }));
  const parts = undo.move();
  return { names, reports, [Symbol.dispose]: () => parts[Symbol.dispose]() };
}

function namesOf(source: Source, names: readonly FollowedName[]): readonly FollowedName[] {
  return names.filter(({ configuration }) => configuration.sources.includes(source));
}

function withPasswords(
  names: readonly FollowedName[],
  { secret }: FollowingParts['context'],
): Promise<ReportedName[]> {
  const secrets = createSecrets(secret ?? (async () => undefined));
  return Promise.all(
    names.map(async followed => {
      const place = followed.configuration.secret;
      assert(place !== undefined, 'the configuration has seen to it that there is one');
      return { followed, password: await secrets.text(place) };
    }),
  );
}
