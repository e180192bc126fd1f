import type { Devices } from '../../../shared/devices/devices.ts';
import { differenceOf } from '../../../shared/protocols/dns/changes/difference.ts';
import { mergeEdits, type FileEdit } from '../../../shared/protocols/dns/changes/merge-edits.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { checkZone } from '../../../shared/protocols/dns/zone-file/check-zone.ts';
import { FaultList } from '../../../shared/protocols/dns/zone-file/fault.ts';
import type { ReadFile } from '../../../shared/protocols/dns/zone-file/parse-zone-file.ts';
import type { ZoneConfiguration } from '../config.ts';
import { ZoneJournal, type ChangedContent } from './journal.ts';
import { KeyKeeper } from './key-keeper.ts';
import { keyWishes } from './key-wishes.ts';
import { placeOf } from './place.ts';
import { rollTimes } from './roll-times.ts';
import { serialOf, withSerial } from './serial.ts';
import { apexOf, describeFaults, loadZone } from './zone-files.ts';
import { ZoneError } from './zone-error.ts';
import { ZoneKeeper } from './zone-keeper.ts';
import { ZoneSigner } from './zone-signer.ts';

export interface KeeperSurroundings {
  readonly read: ReadFile;
  readonly devices: Pick<Devices, 'clock' | 'keyValue' | 'files'>;
  readonly signatureDays: number;
  readonly serve: () => Promise<void>;
}

/** The zone as its file and its changes have it, and its keys; nothing is signed yet. @throws ZoneError; DeviceError. */
export async function openKeeper(
  configuration: ZoneConfiguration,
  { read, devices, signatureDays, serve }: KeeperSurroundings,
): Promise<ZoneKeeper> {
  const { name, denial, zonemd } = configuration;
  const apex = apexOf(configuration);
  const { clock, keyValue, files } = devices;
  const isSecondary = configuration.primaries.length > 0;
  const nothing = { zone: { apex, rrsets: [] }, faults: new FaultList() };
  const { zone, faults } = isSecondary ? nothing : loadZone(read, configuration, apex);
  const journal = await ZoneJournal.open(apex, `dns-service/zones/${placeOf(name)}.journal`, files);
  const content = isSecondary
    ? { file: zone, content: journal.changed?.content ?? zone }
    : contentOf(zone, journal.changed);
  const times = rollTimes(content.content);
  const keys = await KeyKeeper.open(name, keyWishes(configuration), { keyValue, times });
  return new ZoneKeeper({
    configuration,
    apex,
    faults,
    ...content,
    journal,
    signer: isSecondary ? undefined : keys && new ZoneSigner({ keys, denial, zonemd, signatureDays, clock }),
    clock,
    serve,
  });
}

/** Both the file and what was changed beside it: edits of the file take effect, and changes stay. */
function contentOf(file: Zone, changed: ChangedContent | undefined): { file: Zone; content: Zone } {
  if (changed === undefined) return { file, content: file };
  const { removed, added } = differenceOf(changed.began, file);
  if (removed.length + added.length === 0) return { file: changed.began, content: changed.content };
  return { file, content: withSerial(merge(changed, file), serialOf(file)) };
}

/** @throws ZoneError where file and changes cannot be together. */
function merge({ began, content }: ChangedContent, file: Zone): Zone {
  // The serial is no content: every version has another.
  const same = (zone: Zone): Zone => withSerial(zone, 0);
  const edit: FileEdit = { before: same(began), after: same(file) };
  const merged = mergeEdits(same(content), edit);
  if (faultsOf(merged).errorCount === 0) return merged;
  const byName = mergeEdits(same(content), edit, 'name');
  const faults = faultsOf(byName);
  if (faults.errorCount === 0) return byName;
  throw new ZoneError(
    `the file of the zone was edited and does not fit its records that came otherwise:${describeFaults(faults)}`,
  );
}

function faultsOf(zone: Zone): FaultList {
  const faults = new FaultList();
  checkZone({ zone, places: [] }, faults);
  return faults;
}
