import type { Devices } from '../../../shared/devices/devices.ts';
import { FaultList } from '../../../shared/protocols/dns/zone-file/fault.ts';
import type { ZoneConfiguration } from '../config.ts';
import { ZoneJournal } from './journal.ts';
import { KeyKeeper } from './key-keeper.ts';
import { keyWishes } from './key-wishes.ts';
import { mergeFile } from './merge-file.ts';
import { placeOf } from './place.ts';
import { rollTimes } from './roll-times.ts';
import { apexOf, loadZone, type ReadZoneFile } from './zone-files.ts';
import { ZoneKeeper } from './zone-keeper.ts';
import { ZoneSigner } from './zone-signer.ts';

export interface KeeperSurroundings {
  readonly read: ReadZoneFile;
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
  const { zone, faults } = isSecondary ? nothing : await loadZone(read, configuration, apex);
  const journal = await ZoneJournal.open(apex, `dns-service/zones/${placeOf(name)}.journal`, files);
  const content = isSecondary
    ? { file: zone, content: journal.changed?.content ?? zone }
    : mergeFile(zone, journal.changed);
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
