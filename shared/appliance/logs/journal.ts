import { encodeUtf8, decodeUtf8, concatBytes } from '../../base/bytes.ts';
import type { Clock, Timer } from '../../devices/clock.ts';
import type { Appender, Files } from '../../devices/files.ts';
import type { LogSink } from '../../devices/log.ts';
import type { Health } from '../service.ts';
import { formatRecord, parseRecord } from './record-text.ts';
import { LOG_FOLDER, parseSegmentPath, planRetention, segmentPath } from './retention.ts';
import type { RetentionLimits, Segment } from './retention.ts';
import { shortenClient } from './shorten-client.ts';

/** Small enough to rewrite in one go when its addresses are shortened. */
const SEGMENT_MAX_BYTES = 1_048_576;
/** Bounds how much earlier than its day a record may lose its address. */
const SEGMENT_MAX_SPAN_MS = 6 * 3_600_000;
/** Flash wears by writes: an ordinary record may wait this long in memory (about 10 MB a day at the worst). */
const WRITE_AFTER_MS = 300_000;
/** A warning is what somebody looks for after a crash: it is written soon. */
const WRITE_WARNING_AFTER_MS = 5_000;
/** A batch of this size is written at once. */
const BATCH_BYTES = 65_536;
/** What waits while the volume is full or broken; beyond it new records are counted and lost. */
const PENDING_MAX_BYTES = 524_288;
const RETENTION_EVERY_MS = 3_600_000;

export interface Journal extends AsyncDisposable {
  readonly sink: LogSink;
  /** Writes what waits, durably. Faults degrade health; they never throw. */
  flush(): Promise<void>;
  /** Everything kept, oldest first, as lines of JSON. */
  read(): AsyncIterable<Uint8Array>;
}

interface JournalDevices {
  readonly clock: Clock;
  readonly files: Files;
  readonly health: Health;
}

/** Keeps the log on the data volume. Writes only when something was logged, in batches. */
export async function openJournal(devices: JournalDevices, limits: () => RetentionLimits): Promise<Journal> {
  const journal = new HostedJournal(devices, limits);
  await journal.open();
  return journal;
}

class HostedJournal implements Journal {
  readonly #devices: JournalDevices;
  readonly #limits: () => RetentionLimits;
  #segments: Segment[] = [];
  #current: { readonly appender: Appender; readonly segment: Segment } | undefined;
  #pending: string[] = [];
  #pendingBytes = 0;
  #lost = 0;
  #due: { readonly atMs: number; readonly timer: Timer } | undefined;
  #retentionTimer: Timer | undefined;
  /** Writing, shortening and closing happen one after another. */
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(devices: JournalDevices, limits: () => RetentionLimits) {
    this.#devices = devices;
    this.#limits = limits;
  }

  async open(): Promise<void> {
    await this.#guarded(async () => {
      for (const path of await this.#devices.files.list(LOG_FOLDER)) {
        const parsed = parseSegmentPath(path);
        if (parsed) this.#segments.push({ ...parsed, bytes: (await this.#devices.files.size(path)) ?? 0 });
      }
    });
    this.#scheduleRetention();
  }

  readonly sink: LogSink = record => {
    if (this.#isClosed) return;
    const line = `${formatRecord(record)}\n`;
    if (this.#pendingBytes + line.length > PENDING_MAX_BYTES) {
      this.#lost++;
      return;
    }
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    const isUrgent = record.level === 'warn' || record.level === 'error';
    if (this.#pendingBytes >= BATCH_BYTES) this.#writeAfter(0);
    else this.#writeAfter(isUrgent ? WRITE_WARNING_AFTER_MS : WRITE_AFTER_MS);
  };

  flush(): Promise<void> {
    return this.#queue(() => this.#write());
  }

  async *read(): AsyncIterable<Uint8Array> {
    await this.flush();
    for (const segment of this.#segments.toSorted((left, right) => left.startMs - right.startMs))
      yield* this.#devices.files.read(segmentPath(segment));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#retentionTimer?.cancel();
    await this.flush();
    await this.#queue(() => this.#closeSegment());
  }

  #writeAfter(delayMs: number): void {
    const atMs = this.#devices.clock.monotonic() + delayMs;
    if (this.#due !== undefined && this.#due.atMs <= atMs) return;
    this.#due?.timer.cancel();
    this.#due = { atMs, timer: this.#devices.clock.timer(delayMs, () => void this.flush()) };
  }

  async #write(): Promise<void> {
    this.#due?.timer.cancel();
    this.#due = undefined;
    if (this.#pending.length === 0) return;
    const lines = this.#pending;
    const bytes = encodeUtf8(lines.join(''));
    const { appender } = await this.#segmentFor(bytes.length);
    await appender.append(bytes);
    await appender.sync();
    this.#pending = this.#pending.slice(lines.length);
    this.#pendingBytes = this.#pending.reduce((sum, line) => sum + line.length, 0);
    this.#noteSize(appender.size);
    this.#reportLost();
    await this.#retain();
  }

  async #segmentFor(bytes: number): Promise<{ readonly appender: Appender }> {
    const current = this.#current;
    const hasRoom = current !== undefined && current.appender.size + bytes <= SEGMENT_MAX_BYTES;
    if (hasRoom && this.#isYoung(current.segment)) return current;
    await this.#closeSegment();
    // A clock that was set back must not give a name that is taken.
    const now = Math.max(0, Math.floor(this.#devices.clock.now()));
    const startMs = Math.max(now, ...this.#segments.map(segment => segment.startMs + 1));
    const segment: Segment = { startMs, isFull: true, bytes: 0 };
    this.#current = { appender: await this.#devices.files.append(segmentPath(segment)), segment };
    this.#segments.push(segment);
    return this.#current;
  }

  #isYoung(segment: Segment): boolean {
    return Math.abs(this.#devices.clock.now() - segment.startMs) <= SEGMENT_MAX_SPAN_MS;
  }

  #noteSize(bytes: number): void {
    const startMs = this.#current?.segment.startMs;
    this.#segments = this.#segments.map(each => (each.startMs === startMs ? { ...each, bytes } : each));
  }

  async #closeSegment(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.appender.close();
  }

  async #retain(): Promise<void> {
    if (this.#current !== undefined && !this.#isYoung(this.#current.segment)) await this.#closeSegment();
    const finished = this.#segments.filter(segment => segment.startMs !== this.#current?.segment.startMs);
    const plan = planRetention(finished, this.#devices.clock.now(), this.#limits());
    for (const segment of plan.remove) await this.#remove(segment);
    for (const segment of plan.shorten) await this.#shorten(segment);
  }

  async #remove(segment: Segment): Promise<void> {
    await this.#devices.files.remove(segmentPath(segment));
    this.#segments = this.#segments.filter(each => segmentPath(each) !== segmentPath(segment));
  }

  async #shorten(segment: Segment): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const part of this.#devices.files.read(segmentPath(segment))) parts.push(part);
    const lines = decodeUtf8(concatBytes(parts)).split('\n');
    // A line that is no record is the torn tail of a power cut: it may hold an address, so it goes.
    const kept = lines.map(parseRecord).filter(record => record !== undefined);
    const content = encodeUtf8(kept.map(record => `${formatRecord(shortenClient(record))}\n`).join(''));
    const short: Segment = { ...segment, isFull: false, bytes: content.length };
    await this.#devices.files.replace(segmentPath(short), content);
    this.#segments.push(short);
    await this.#remove(segment);
  }

  #reportLost(): void {
    if (this.#lost === 0) return;
    const line = { timeMs: this.#devices.clock.now(), level: 'warn', message: 'log records lost' } as const;
    this.#pending.push(`${formatRecord({ ...line, fields: { count: this.#lost } })}\n`);
    this.#lost = 0;
  }

  #scheduleRetention(): void {
    this.#retentionTimer = this.#devices.clock.timer(RETENTION_EVERY_MS, () => {
      void this.#queue(() => this.#retain());
      this.#scheduleRetention();
    });
  }

  #queue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(() => this.#guarded(work));
    return this.#work;
  }

  /** A log that cannot be kept is a trouble to show, never one that stops the service. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#devices.health.recover('log');
    } catch (cause) {
      this.#devices.health.degrade(
        'log',
        `The log cannot be kept on the data volume: ${(cause as Error).message}`,
      );
      await this.#closeSegment().catch(() => undefined);
      if (!this.#isClosed && this.#pending.length > 0) this.#writeAfter(WRITE_AFTER_MS);
    }
  }
}
