import { concatBytes } from '../../../shared/base/bytes.ts';
import { ok, type Result } from '../../../shared/base/result.ts';
import { DeviceError } from '../../../shared/devices/device-error.ts';
import type { Files } from '../../../shared/devices/files.ts';
import { applyDifferences, differenceOf } from '../../../shared/protocols/dns/changes/difference.ts';
import type { Name } from '../../../shared/protocols/dns/name.ts';
import { packZone } from '../../../shared/protocols/dns/packed/rrset-packer.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { decodeJournal, encodeJournalRecord, type VersionRecord } from './journal-records.ts';
import { JOURNAL_COMPACT_BYTES, RECORD_RRSETS_MAX } from './limits.ts';
import type { KeptSerial } from './serial.ts';
import { ZoneError } from './zone-error.ts';

/** Content that differs from the file's. */
export interface ChangedContent {
  /** The file when the first change was made, or when it was last taken over. */
  readonly began: Zone;
  readonly content: Zone;
}

/** What is durable of a zone's versions: how its content differs from its file, and the serial. One file, appended to and written anew. */
export class ZoneJournal {
  readonly #path: string;
  readonly #files: Files;
  /** Of whole records: what a failed append or a cut left behind them is taken off before the next. */
  #bytes: number;
  /** What it had when it was written anew. */
  #compactBytes: number;
  #changed: ChangedContent | undefined;
  #kept: KeptSerial | undefined;

  private constructor(path: string, files: Files, read: Read) {
    this.#path = path;
    this.#files = files;
    this.#bytes = read.wholeBytes;
    this.#compactBytes = read.wholeBytes;
    this.#changed = read.changed;
    this.#kept = read.kept;
  }

  /** @throws ZoneError where what is kept cannot be used; DeviceError. */
  static async open(apex: Name, path: string, files: Files): Promise<ZoneJournal> {
    const read = replay(apex, await readAll(files, path));
    if (!read.ok)
      throw new ZoneError(
        `the journal ${path} of the zone's changes cannot be used (${read.error}): restore the data volume from a snapshot`,
      );
    return new ZoneJournal(path, files, read.value);
  }

  /** undefined: the content is the file's. */
  get changed(): ChangedContent | undefined {
    return this.#changed;
  }

  get kept(): KeptSerial | undefined {
    return this.#kept;
  }

  /** The same content under another serial. Durable when it resolves. */
  async addSerial(kept: KeptSerial): Promise<void> {
    await this.#add({ kind: 'version', kept });
    this.#kept = kept;
  }

  /** Another content, whose SOA has the serial. Durable when it resolves; where it throws, what was kept before is kept. */
  async addContent(kept: KeptSerial, { began, content }: ChangedContent): Promise<void> {
    const before = this.#changed;
    const isLarge = this.#bytes > Math.max(JOURNAL_COMPACT_BYTES, 2 * this.#compactBytes);
    if (before?.began === began && !isLarge)
      await this.#add({ kind: 'version', kept, difference: differenceOf(before.content, content) });
    else await this.#writeAnew(kept, { began, content });
    this.#kept = kept;
    this.#changed = { began, content };
  }

  async #add(record: VersionRecord): Promise<void> {
    const bytes = encodeJournalRecord(record);
    await using appender = await this.#files.append(this.#path);
    if (appender.size > this.#bytes) await appender.truncate(this.#bytes);
    await appender.append(bytes);
    await appender.sync();
    this.#bytes += bytes.length;
  }

  async #writeAnew(kept: KeptSerial, { began, content }: ChangedContent): Promise<void> {
    let written = 0;
    const count = (bytes: Uint8Array): Uint8Array => {
      written += bytes.length;
      return bytes;
    };
    await this.#files.replace(this.#path, pieces());
    this.#bytes = this.#compactBytes = written;

    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < began.rrsets.length; at += RECORD_RRSETS_MAX) {
        const rrsets = began.rrsets.slice(at, at + RECORD_RRSETS_MAX);
        yield count(encodeJournalRecord({ kind: 'beginning', rrsets }));
      }
      const difference = differenceOf(began, content);
      yield count(encodeJournalRecord({ kind: 'version', kept, difference }));
    }
  }
}

interface Read {
  readonly wholeBytes: number;
  readonly changed: ChangedContent | undefined;
  readonly kept: KeptSerial | undefined;
}

function replay(apex: Name, bytes: Uint8Array): Result<Read, string> {
  const journal = decodeJournal(bytes);
  if (!journal.ok) return journal;
  const { records, wholeBytes } = journal.value;
  const beginnings = records.filter(record => record.kind === 'beginning');
  const versions = records.filter(record => record.kind === 'version');
  const kept = versions.at(-1)?.kept;
  const differences = versions.flatMap(({ difference }) => difference ?? []);
  if (differences.length === 0) return ok({ wholeBytes, kept, changed: undefined });
  const began = packZone(
    apex,
    beginnings.flatMap(({ rrsets }) => rrsets),
  );
  const content = applyDifferences(began, differences);
  return content.ok ? ok({ wholeBytes, kept, changed: { began, content: content.value } }) : content;
}

async function readAll(files: Files, path: string): Promise<Uint8Array> {
  try {
    return concatBytes(await Array.fromAsync(files.read(path)));
  } catch (error) {
    if (error instanceof DeviceError && error.kind === 'not-found') return new Uint8Array();
    throw error;
  }
}
