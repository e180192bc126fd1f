import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../devices/clock.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Random } from '../../devices/random.ts';
import { viewOf } from '../../base/bytes.ts';
import type { FailureKind } from '../../protocols/acme/back-off.ts';
import {
  dueAtMs,
  nextTryMs,
  NOTHING_HELD,
  step,
  type RenewalAction,
  type RenewalEvent,
  type RenewalState,
} from '../../protocols/acme/renewal.ts';
import { describeWindow, type Attempt, type AttemptResult } from './attempt.ts';
import { unreachableBy, type Authority } from './authority.ts';
import type { Events } from './events.ts';
import { factsOf, type Issued } from './issued.ts';
import type { Slot, StoredRenewal } from './store.ts';
import type { TrueTime } from './true-time.ts';

export interface KeeperParts {
  readonly names: readonly string[];
  readonly authorities: readonly Authority[];
  readonly issued: Slot<Issued>;
  readonly renewal: Slot<StoredRenewal>;
  /** Tries to get a certificate from one authority; never throws but for the signal. */
  readonly attempt: Attempt;
  readonly clock: Clock;
  readonly random: Random;
  readonly time: TrueTime;
  readonly events: Events;
  readonly onIssued: (issued: Issued) => void;
  /** Called after everything that may have changed {@link Keeper.view}. */
  readonly onTurn: () => void;
  readonly signal: AbortSignal;
}

export interface KeeperView {
  readonly isOrdering: boolean;
  readonly problem: string | undefined;
  readonly failures: number;
  readonly renewalDueMs: number | undefined;
  readonly nextTryMs: number | undefined;
}

/** The clock may be set at any time, so that nothing is slept for longer than this at a stretch. */
const SLEEP_MAX_MS = 3 * 3_600_000;
/** A bug must not become a busy loop. */
const AFTER_BUG_MS = 600_000;

/** Keeps one certificate valid: joins the renewal core to authorities, store and clock. */
export class Keeper {
  readonly #parts: KeeperParts;
  #state: RenewalState = NOTHING_HELD;
  /** Why the last attempt came to nothing, until there is a certificate. */
  #problem: string | undefined;
  /** What kept the last turn from its end, until one reaches it. */
  #fault: string | undefined;
  #isOrdering = false;
  /** Since the last certificate; another way to prove the names is tried first after each. */
  #refusedProofs = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Takes up what is stored. @throws DeviceError of the store. */
  async open(issued: Issued | undefined): Promise<void> {
    const stored = await this.#parts.renewal.load();
    if (stored !== undefined) this.#state = this.#stateOf(stored);
    if (issued !== undefined) this.#hold(issued);
    else if (this.#state.held !== undefined) this.#state = NOTHING_HELD;
  }

  view(): KeeperView {
    return {
      isOrdering: this.#isOrdering,
      problem: this.#fault ?? this.#problem,
      failures: this.#state.tries.reduce((sum, { failures }) => sum + failures, 0),
      renewalDueMs: this.#state.held === undefined ? undefined : dueAtMs(this.#state),
      nextTryMs: nextTryMs(this.#state),
    };
  }

  /** Ends with the signal alone. */
  async run(): Promise<void> {
    const { signal, clock, events } = this.#parts;
    // The first turn may sleep for hours.
    this.#parts.onTurn();
    while (!signal.aborted) {
      try {
        await this.#turn();
        this.#fault = undefined;
        this.#parts.onTurn();
      } catch (error) {
        if (signal.aborted) return;
        events.keeperFailed(error);
        this.#fault = (error as Error).message;
        this.#parts.onTurn();
        await clock.sleep(AFTER_BUG_MS, signal).catch(() => undefined);
      }
    }
  }

  async #turn(): Promise<void> {
    const { time } = this.#parts;
    const action = this.#step({ kind: 'tick', timeConfirmed: time.isConfirmed() });
    const event = await this.#perform(action);
    if (event === undefined) return;
    this.#step(event);
    await this.#save();
  }

  async #save(): Promise<void> {
    await this.#parts.renewal.save({ ...this.#state, authorityIds: this.#authorityIds() });
  }

  /** No authority waits out the pause of another that had its place in the list before. */
  #stateOf({ authorityIds, ...state }: StoredRenewal): RenewalState {
    return isDeepStrictEqual(authorityIds, this.#authorityIds()) ? state : { ...state, tries: [] };
  }

  #authorityIds(): string[] {
    return this.#parts.authorities.map(({ id }) => id);
  }

  #step(event: RenewalEvent): RenewalAction {
    const { authorities, time } = this.#parts;
    const next = step(this.#state, event, authorities.length, time.now());
    this.#state = next.state;
    return next.action;
  }

  async #perform(action: RenewalAction): Promise<RenewalEvent | undefined> {
    const { clock, signal, time } = this.#parts;
    switch (action.kind) {
      case 'sleep':
        await clock.sleep(Math.min(SLEEP_MAX_MS, Math.max(1_000, action.untilMs - time.now())), signal);
        return undefined;
      case 'confirmTime':
        return this.#confirmTime(action.authority);
      case 'askWindow':
        return this.#askWindow(action.authority, action.certificateId);
      case 'order':
        return this.#order(action.authority, action.replaces);
    }
  }

  async #confirmTime(index: number): Promise<RenewalEvent | undefined> {
    const { time, signal } = this.#parts;
    try {
      await this.#authority(index).contact();
      // An authority that sends no Date leaves the machine's own clock as the best there is.
      if (!time.isConfirmed()) time.learn(time.now());
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DeviceError)) throw error;
      const clock = error.kind === 'not-trusted' ? `; this machine's clock says ${this.#clockText()}` : '';
      const reason = `the authority cannot be reached: ${error.message}${clock}`;
      return this.#failed(index, unreachableBy(error), reason);
    }
  }

  async #askWindow(index: number, certificateId: string): Promise<RenewalEvent> {
    const { signal, events, names } = this.#parts;
    try {
      const { window, retryAfterMs } = await this.#authority(index).renewalWindow(certificateId);
      const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
      if (window === undefined) return { kind: 'noWindow', ...retry };
      if (this.#state.window?.startMs !== window.startMs) events.windowTold(names, describeWindow(window));
      return { kind: 'window', window, random: this.#draw(), ...retry };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DeviceError)) throw error;
      return { kind: 'noWindow' };
    }
  }

  async #order(index: number, replaces: string | undefined): Promise<RenewalEvent | undefined> {
    const { attempt, issued, onIssued } = this.#parts;
    this.#isOrdering = true;
    let result: AttemptResult;
    try {
      result = await attempt(this.#authority(index), { replaces, refusedProofs: this.#refusedProofs });
    } finally {
      this.#isOrdering = false;
    }
    switch (result.kind) {
      case 'issued':
        await issued.save(result.issued);
        this.#problem = undefined;
        this.#refusedProofs = 0;
        this.#hold(result.issued);
        await this.#save();
        await result.finish();
        onIssued(result.issued);
        return undefined;
      case 'limited':
        this.#problem = 'the rate limits of the authority leave no room for another order at present';
        return { kind: 'limited', authority: index, untilMs: result.untilMs };
      case 'failed':
        return this.#failed(index, result.failure, result.reason);
    }
  }

  #failed(
    authority: number,
    failure: { readonly kind: FailureKind; readonly retryAfterMs?: number },
    reason: string,
  ): RenewalEvent {
    const { events, names, authorities } = this.#parts;
    this.#problem = reason;
    if (failure.kind === 'validation') this.#refusedProofs++;
    events.attemptFailed(names, authorities[authority]?.options.name ?? '', failure.kind, reason);
    return { kind: 'failed', authority, failure, random: this.#draw() };
  }

  /** Works with that certificate from now on. */
  #hold(issued: Issued): void {
    const { authorities, time } = this.#parts;
    const facts = factsOf(issued);
    // A certificate is not issued before its time: the machine's clock cannot be right if it says so.
    time.learnAtLeast(facts.notBeforeMs);
    const index = authorities.findIndex(({ options }) => options.directoryUrl === issued.directoryUrl);
    const held = {
      notBeforeMs: facts.notBeforeMs,
      notAfterMs: facts.notAfterMs,
      ...(index < 0 ? {} : { authority: index }),
      ...(facts.certificateId === undefined ? {} : { certificateId: facts.certificateId }),
    };
    this.#step({ kind: 'held', held, random: this.#draw() });
  }

  #authority(index: number): Authority {
    const authority = this.#parts.authorities[index];
    if (authority === undefined) throw new Error(`there is no authority ${index}`);
    return authority;
  }

  /** A clock that is wrong makes every authority look untrusted: whoever reads the reason sees at once. */
  #clockText(): string {
    return `${new Date(this.#parts.clock.now()).toISOString().slice(0, 16)} UTC`;
  }

  /** From 0 to 1, evenly. */
  #draw(): number {
    return viewOf(this.#parts.random.bytes(4)).getUint32(0) / 2 ** 32;
  }
}
