import type { Devices } from '../../devices/devices.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Timer } from '../../devices/clock.ts';
import type { Name } from '../../protocols/dns/name.ts';
import type { ResolverAction, ResolverEvent } from '../../protocols/dns/resolver/event.ts';
import {
  createResolverState,
  type Resolution,
  type ResolverSettings,
  type ResolverState,
} from '../../protocols/dns/resolver/state.ts';
import { step } from '../../protocols/dns/resolver/step.ts';
import { runChannel, type ChannelDevices } from './channel.ts';

export type CoreLoopDevices = ChannelDevices & Pick<Devices, 'clock'>;

interface Waiting {
  readonly resolve: (resolution: Resolution) => void;
  readonly reject: (reason: unknown) => void;
}

/** Joins the core to its devices: hands it what happens, does what it says. */
export class CoreLoop implements AsyncDisposable {
  readonly #state: ResolverState;
  readonly #devices: CoreLoopDevices;
  readonly #waiting = new Map<number, Waiting>();
  readonly #channels = new Map<number, { readonly stop: AbortController; readonly done: Promise<void> }>();
  #timer: Timer | undefined;
  #questions = 0;
  #isClosed = false;

  constructor(settings: ResolverSettings, devices: CoreLoopDevices) {
    this.#state = createResolverState(settings);
    this.#devices = devices;
  }

  /** @throws DeviceError `closed`; the signal's reason when aborted. */
  async ask(
    asked: { readonly name: Name; readonly type: number; readonly deadlineMs: number },
    signal?: AbortSignal,
  ): Promise<Resolution> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closed();
    const number = this.#questions++;
    const cancel = (): void => {
      this.#waiting.get(number)?.reject(signal?.reason);
      this.#waiting.delete(number);
      this.#step({ kind: 'cancel', number });
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(number, { resolve, reject });
        const deadlineMs = this.#devices.clock.monotonic() + asked.deadlineMs;
        this.#step({ kind: 'question', number, ...asked, deadlineMs });
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    const channels = [...this.#channels.values()];
    for (const { stop } of channels) stop.abort();
    for (const { reject } of this.#waiting.values()) reject(closed());
    this.#waiting.clear();
    await Promise.all(channels.map(({ done }) => done));
  }

  #step(event: ResolverEvent): void {
    if (this.#isClosed) return;
    const { clock } = this.#devices;
    const now = { monotonicMs: clock.monotonic(), wallMs: clock.now() };
    for (const action of step(this.#state, event, now)) this.#act(action, now.monotonicMs);
  }

  #act(action: ResolverAction, nowMs: number): void {
    switch (action.kind) {
      case 'send':
        return this.#send(action);
      case 'close':
        this.#channels.get(action.query)?.stop.abort();
        return;
      case 'answer':
        this.#waiting.get(action.number)?.resolve(action.resolution);
        this.#waiting.delete(action.number);
        return;
      case 'wake':
        this.#timer?.cancel();
        this.#timer = this.#devices.clock.timer(action.atMs - nowMs, () => this.#step({ kind: 'timer' }));
    }
  }

  #send(action: Extract<ResolverAction, { kind: 'send' }>): void {
    const { query } = action;
    const stop = new AbortController();
    const events = {
      onMessage: (bytes: Uint8Array): void => this.#step({ kind: 'message', query, bytes }),
      onFailure: (reason: string): void => this.#step({ kind: 'failure', query, reason }),
    };
    const done = runChannel(action, this.#devices, events, stop.signal).finally(() =>
      this.#channels.delete(query),
    );
    this.#channels.set(query, { stop, done });
  }
}

function closed(): DeviceError {
  return new DeviceError('closed', 'the resolver is closed');
}
