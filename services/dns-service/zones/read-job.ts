import { intoSharedMemory } from '../../../shared/base/shared-bytes.ts';
import type { Jobs, JobTable } from '../../../shared/devices/jobs.ts';
import { err, ok, type Result } from '../../../shared/base/result.ts';
import type { Name } from '../../../shared/protocols/dns/name.ts';
import { packedOf } from '../../../shared/protocols/dns/packed/edit-packed.ts';
import { PackedRRsets, type PackedForm } from '../../../shared/protocols/dns/packed/packed-rrsets.ts';
import { FaultList } from '../../../shared/protocols/dns/zone-file/fault.ts';
import { readZone, type ReadZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import { ZoneError } from './zone-error.ts';
import { readerOf, type ReadZoneFile, type ZoneFiles } from './zone-files.ts';

const READ_JOB = 'read-zone';

/** A zone of so many bytes takes the time of some queries; a larger one is read by another thread, whose memory is then given back. */
const READ_HERE_MAX_BYTES = 256 * 1024;

/** A million records take half a minute on a machine that has other things to do. */
const JOB_TIMEOUT_MS = 15 * 60_000;

interface ReadInput {
  readonly files: ZoneFiles;
  readonly file: string;
  readonly origin: Name;
}

/** Packed RRsets cost nothing to hand over. `refused`: the file is none that can be read. */
type ReadOutput =
  | { readonly kind: 'read'; readonly form: PackedForm | undefined; readonly faults: FaultList }
  | { readonly kind: 'refused'; readonly reason: string };

/** What this service gives to other threads; a composition root offers it. */
export const dnsServiceJobs: JobTable = { [READ_JOB]: readInJob };

/** Reads and checks the zones of a folder, the large ones in a thread of their own. The function throws ZoneError where a file is no text. */
export function zoneReader(files: ZoneFiles, jobs: Pick<Jobs, 'run'>): ReadZoneFile {
  let shared: ZoneFiles | undefined;
  return async (file, origin) => {
    if ((files.get(file)?.length ?? 0) <= READ_HERE_MAX_BYTES)
      return readZone({ file, read: readerOf(files), origin });
    // Any file may include any other, so each job gets all of them.
    shared ??= shareFiles(files);
    const input: ReadInput = { files: shared, file, origin };
    return resultOf(await jobs.run<ReadOutput>(READ_JOB, input, { timeoutMs: JOB_TIMEOUT_MS }));
  };
}

function shareFiles(files: ZoneFiles): ZoneFiles {
  const shared = intoSharedMemory([...files.values()]);
  return new Map([...files.keys()].map((path, at) => [path, shared[at] as Uint8Array]));
}

function readInJob({ files, file, origin }: ReadInput): ReadOutput {
  try {
    const zone = readZone({ file, read: readerOf(files), origin });
    const faults = zone.ok ? zone.value.faults : zone.error;
    return { kind: 'read', form: zone.ok ? packedOf(zone.value.zone).form : undefined, faults };
  } catch (error) {
    if (error instanceof ZoneError) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

function resultOf(output: ReadOutput): Result<ReadZone, FaultList> {
  if (output.kind === 'refused') throw new ZoneError(output.reason);
  const { form } = output;
  const faults = Object.assign(new FaultList(), output.faults);
  return form === undefined
    ? err(faults)
    : ok({ zone: { apex: form.apex, rrsets: new PackedRRsets(form) }, faults });
}
