import type { Clock } from '../../../shared/devices/clock.ts';
import type { KeyRole } from '../../../shared/protocols/dns/key-roll/state.ts';
import type { KeyRollEvent } from '../../../shared/protocols/dns/key-roll/step.ts';
import { denialOf, type SignedZone } from '../../../shared/protocols/dns/dnssec/signed-zone.ts';
import type { ZoneDifference } from '../../../shared/protocols/dns/changes/difference.ts';
import type { Name } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import type { FaultList } from '../../../shared/protocols/dns/zone-file/fault.ts';
import type { ReadZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import type { ZoneConfiguration } from '../config.ts';
import { EditQueue } from './edit-queue.ts';
import { ServedHistory } from './history.ts';
import type { ZoneJournal } from './journal.ts';
import { rollTo } from './key-wishes.ts';
import type { ParentSight } from './parent-view.ts';
import { mergeFile, type MergedFile } from './merge-file.ts';
import type { Edited, KeptZone } from './kept-zone.ts';
import { VERSION_INTERVAL_MS } from './limits.ts';
import { nextSerial, serialAtStart, serialOf, withSerial, type KeptSerial } from './serial.ts';
import type { TimedZone } from './sign.ts';
import type { ZoneSigner } from './zone-signer.ts';

export interface ZoneKeeperParts {
  readonly configuration: ZoneConfiguration;
  readonly apex: Name;
  /** What the check of its file found not wrong, but odd. */
  readonly faults: FaultList;
  /** As the file has it; empty where there is none. */
  readonly file: Zone;
  /** With what was changed since. */
  readonly content: Zone;
  readonly journal: ZoneJournal;
  /** undefined: the zone is served as it is. */
  readonly signer: ZoneSigner | undefined;
  readonly clock: Clock;
  /** Resolves when all zones are answered from as they are at the call. */
  readonly serve: () => Promise<void>;
}

interface VersionChoices {
  /** The content is no more what the file makes it. */
  readonly isChanged?: boolean;
  /** `due` keeps the signatures that are good for long enough. */
  readonly signs?: 'due' | 'all';
}

/** One zone with its versions: each is durable, then signed, then served. */
export class ZoneKeeper implements KeptZone {
  readonly configuration: ZoneConfiguration;
  readonly apex: Name;
  readonly #parts: ZoneKeeperParts;
  readonly #edits = new EditQueue(content => this.#change(content));
  readonly #listeners: (() => void)[] = [];
  /** As its file has it. */
  #file: Zone;
  #faults: FaultList;
  #content: Zone;
  #signed: TimedZone | undefined;
  #history: ServedHistory;
  #isAnswered = true;
  /** One version at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ZoneKeeperParts) {
    this.configuration = parts.configuration;
    this.apex = parts.apex;
    this.#parts = parts;
    this.#file = parts.file;
    this.#faults = parts.faults;
    this.#content = parts.content;
    this.#history = new ServedHistory(parts.content);
  }

  /** What the check of its file found not wrong, but odd. */
  get faults(): FaultList {
    return this.#faults;
  }

  get content(): Zone {
    return this.#content;
  }

  get served(): Zone | SignedZone {
    return this.#history.served;
  }

  get serial(): number {
    return this.#content.rrsets.length === 0 ? 0 : serialOf(this.#content);
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** undefined: it is not signed here, and never was. */
  get signer(): ZoneSigner | undefined {
    return this.#parts.signer;
  }

  /** When the first signature ends; undefined where the zone is not signed here. */
  get firstEndSeconds(): number | undefined {
    return this.#signed?.firstEndSeconds;
  }

  differencesSince(serial: number): readonly ZoneDifference[] | undefined {
    return this.#history.since(serial);
  }

  onServed(listener: () => void): void {
    this.#listeners.push(listener);
  }

  change<R>(edit: (content: Zone) => Edited<R>): Promise<R> {
    return this.#edits.add(edit);
  }

  take(version: Zone): Promise<void> {
    return this.#inTurn(async () => {
      const isOurs = this.#parts.signer !== undefined && denialOf(version) === undefined;
      await this.#makeVersion(version, isOurs ? this.#next(version) : serialOf(version));
      this.#isAnswered = true;
      await this.#serve();
    });
  }

  /**
   * Takes over a newer file: what was edited takes effect, and what was changed otherwise stays. Gives whether that made a version.
   * @throws ZoneError where both cannot be together; as {@link change}.
   */
  async takeFile({ zone, faults }: ReadZone): Promise<boolean> {
    let isNew = false;
    await this.#inTurn(async () => {
      const merged = this.#merged(zone);
      isNew = merged.content !== this.#content;
      if (isNew) await this.#replaceFile(merged);
      this.#faults = faults;
    });
    return isNew;
  }

  /** @throws ZoneError where a newer file and what was changed otherwise cannot be together. */
  tryFile({ zone }: ReadZone): void {
    this.#merged(zone);
  }

  async answer(isAnswered: boolean): Promise<void> {
    if (isAnswered === this.#isAnswered) return;
    this.#isAnswered = isAnswered;
    await this.#parts.serve();
  }

  /** The first version after a start, which is served when the others are. A zone that is neither signed nor was changed is as its file has it. */
  async begin(): Promise<void> {
    const { content, signer, journal, clock } = this.#parts;
    if (content.rrsets.length === 0) return;
    // What a primary made has the primary's serial.
    const isOurs = this.configuration.primaries.length === 0;
    if (isOurs && (signer !== undefined || journal.kept !== undefined)) {
      const serial = serialAtStart(serialOf(content), journal.kept, clock.now());
      const step = await signer?.propose(content);
      if (step !== undefined) signer?.keys.use(step);
      await this.#makeVersion(content, serial);
      if (step !== undefined) await signer?.keys.keep();
    }
    // Whoever has an older one has it from another life.
    this.#history = new ServedHistory(this.#signed?.zone ?? this.#content);
  }

  isRenewalDue(nowSeconds: number): boolean {
    return this.#signed !== undefined && this.#parts.signer?.isRenewalDue(this.#signed, nowSeconds) === true;
  }

  /** Signs again what is due, or on request all of it, under a new serial. @throws as {@link change}. */
  renew(what: 'due' | 'all' = 'due'): Promise<void> {
    return this.#inTurn(async () => {
      await this.#makeVersion(this.#content, this.#next(this.#content), { signs: what });
      await this.#serve();
    });
  }

  /**
   * Goes on with the rolls of its keys, by time, the configuration and `event`; makes a version where that changes what is served.
   * @throws as {@link change}.
   */
  advance(event?: KeyRollEvent): Promise<void> {
    return this.#inTurn(async () => {
      const { signer } = this.#parts;
      const step = await signer?.propose(this.#content, event);
      if (signer === undefined || step === undefined) return;
      const before = signer.keys.use(step);
      try {
        if (step.changesPlan) await this.#makeVersion(this.#content, this.#next(this.#content));
      } catch (error) {
        signer.keys.use(before);
        throw error;
      }
      if (step.changesPlan) await this.#serve();
      await signer.keys.keep();
    });
  }

  /** @throws as {@link change}. */
  async seeParent(sight: ParentSight): Promise<void> {
    const event = this.#parts.signer?.see(this, sight);
    if (event !== undefined) await this.advance(event);
  }

  /** Rolls to the keys prepared for these roles; one that is not in use here, or not prepared yet, is passed over. @throws as {@link change}. */
  async roll(roles: readonly KeyRole[]): Promise<void> {
    const state = this.#parts.signer?.keys.state;
    const event = state === undefined ? undefined : rollTo(state, roles);
    if (event !== undefined) await this.advance(event);
  }

  #change(edit: (content: Zone) => Zone): Promise<void> {
    return this.#inTurn(async () => {
      const next = edit(this.#content);
      if (next === this.#content) return;
      await this.#makeVersion(next, this.#next(next));
      await this.#serve();
    });
  }

  #next(content: Zone): number {
    const kept = this.#parts.journal.kept ?? { serial: this.serial, atMs: 0 };
    return nextSerial(serialOf(content), kept, this.#parts.clock.now());
  }

  async #replaceFile({ file, content }: MergedFile): Promise<void> {
    const before = this.#file;
    this.#file = file;
    try {
      const isChanged = this.#parts.journal.changed !== undefined;
      await this.#makeVersion(content, this.#next(content), { isChanged });
    } catch (error) {
      this.#file = before;
      throw error;
    }
    await this.#serve();
  }

  #merged(file: Zone): MergedFile {
    return mergeFile(file, { began: this.#file, content: this.#content });
  }

  async #makeVersion(
    wanted: Zone,
    serial: number,
    { isChanged = wanted !== this.#content, signs = 'due' }: VersionChoices = {},
  ): Promise<void> {
    const { signer, clock } = this.#parts;
    const kept = { serial, atMs: clock.now() };
    const content = withSerial(wanted, serial);
    const before = signs === 'due' ? this.#signed?.zone : undefined;
    const signed = denialOf(content) === undefined ? await signer?.sign(content, before) : undefined;
    await this.#keep(kept, content, isChanged);
    this.#content = content;
    this.#signed = signed;
  }

  async #keep(kept: KeptSerial, content: Zone, isChanged: boolean): Promise<void> {
    const { journal } = this.#parts;
    if (isChanged || journal.changed !== undefined)
      await journal.addContent(kept, { began: this.#file, content });
    else await journal.addSerial(kept);
  }

  async #serve(): Promise<void> {
    this.#history.add(this.#signed?.zone ?? this.#content);
    await this.#parts.serve();
    for (const listener of this.#listeners) listener();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined).then(() => this.#parts.clock.sleep(VERSION_INTERVAL_MS));
    return done;
  }
}
