import { VERIFICATIONS_PER_QUESTION_MAX } from '../limits.ts';
import { name } from '../../answer/testing/ask.ts';
import { decodeMessage, TYPE } from '../../message.ts';
import { formatName, lowerName, type Name } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import type { ResolverAction, ResolverEvent } from '../event.ts';
import {
  createResolverState,
  type Moment,
  type Resolution,
  type ResolverSettings,
  type ResolverState,
} from '../state.ts';
import { step } from '../step.ts';
import { SIGNED_AT_SECONDS, type Internet } from './internet.ts';

export type Send = Extract<ResolverAction, { kind: 'send' }>;

/** What comes back for a query: messages, in their order, or nothing. */
export type Wire = (query: Send) => readonly Uint8Array[];

const LATENCY_MS = 20;
const DEADLINE_MS = 20_000;

/** A resolver in a world whose time goes on when it waits. */
export class Asker {
  readonly state: ResolverState;
  /** Each query sent, as `server transport name type`. */
  readonly sent: string[] = [];
  /** Addresses to which nothing can be sent. */
  readonly unreachable: Set<string> = new Set<string>();
  /** Signatures looked at for the last question. */
  verifications: number = 0;
  /** Stands between the resolver and the servers. */
  wire: Wire;
  nowMs: number = 0;
  wallMs: number = (SIGNED_AT_SECONDS + 3_600) * 1_000;
  #events: { readonly atMs: number; readonly event: ResolverEvent }[] = [];
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #questions = 0;
  readonly #open = new Set<number>();
  readonly #answers = new Map<number, Resolution>();

  constructor(internet: Internet, settings: Partial<ResolverSettings> = {}) {
    this.state = createResolverState({
      rootServers: internet.rootServers(),
      anchors: [internet.anchor('.')],
      port: 53,
      addressTypes: [TYPE.A, TYPE.AAAA],
      seed: new Uint8Array(32),
      ...settings,
    });
    this.wire = ({ server, transport, bytes }) => {
      const reply = internet.answer(server.host, transport, bytes);
      return reply === undefined ? [] : [reply];
    };
  }

  ask(asked: string | Name, type: number): Resolution {
    const [resolution] = this.askAll([{ asked, type }]);
    if (resolution === undefined) throw new Error('no answer');
    return resolution;
  }

  /** Several questions at once. */
  askAll(questions: readonly { readonly asked: string | Name; readonly type: number }[]): Resolution[] {
    const first = this.#questions;
    for (const { asked, type } of questions) {
      const wanted = typeof asked === 'string' ? name(asked) : asked;
      const deadlineMs = this.nowMs + DEADLINE_MS;
      this.#step({ kind: 'question', number: this.#questions++, name: wanted, type, deadlineMs });
    }
    while (questions.some((_, at) => !this.#answers.has(first + at))) this.#next();
    return questions.map((_, at) => this.#answers.get(first + at) as Resolution);
  }

  #next(): void {
    this.#events.sort((left, right) => left.atMs - right.atMs);
    const [next] = this.#events;
    if (next === undefined || this.#wakeAtMs < next.atMs) {
      if (!Number.isFinite(this.#wakeAtMs)) throw new Error('nothing happens any more');
      this.nowMs = Math.max(this.nowMs, this.#wakeAtMs);
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      return this.#step({ kind: 'timer' });
    }
    this.#events.shift();
    this.nowMs = Math.max(this.nowMs, next.atMs);
    this.#step(next.event);
  }

  #step(event: ResolverEvent): void {
    const now: Moment = { monotonicMs: this.nowMs, wallMs: this.wallMs + this.nowMs };
    const actions = step(this.state, event, now);
    for (const { verificationsLeft } of this.state.questions.values())
      this.verifications = VERIFICATIONS_PER_QUESTION_MAX - verificationsLeft;
    for (const action of actions) this.#act(action);
  }

  #fail(query: number): void {
    const event = { kind: 'failure', query, reason: 'no way to the host' } as const;
    this.#events.push({ atMs: this.nowMs, event });
  }

  #act(action: ResolverAction): void {
    switch (action.kind) {
      case 'send':
        this.#open.add(action.query);
        this.sent.push(describe(action));
        if (this.unreachable.has(action.server.host)) return this.#fail(action.query);
        for (const bytes of this.wire(action))
          this.#events.push({
            atMs: this.nowMs + LATENCY_MS,
            event: { kind: 'message', query: action.query, bytes },
          });
        return;
      case 'close':
        if (!this.#open.delete(action.query)) throw new Error(`query ${action.query} is not open`);
        return;
      case 'answer':
        this.#answers.set(action.number, action.resolution);
        return;
      case 'wake':
        this.#wakeAtMs = action.atMs;
    }
  }
}

function describe({ server, transport, bytes }: Send): string {
  const message = decodeMessage(bytes);
  const [question] = message.ok ? message.value.questions : [];
  if (question === undefined) throw new Error('no question');
  return `${server.host} ${transport} ${formatName(lowerName(question.name))} ${formatType(question.type)}`;
}
