import type { ResolverAction, ResolverEvent } from './event.ts';
import { EDE, fault } from './fault.ts';
import { expireQueries, giveUpQuery, receive, startFetch, type Turn } from './fetching.ts';
import { follow } from './follow.ts';
import {
  DOUBTS_PER_QUESTION_MAX,
  QUERIES_PER_QUESTION_MAX,
  QUESTIONS_MAX,
  VERIFICATIONS_PER_QUESTION_MAX,
} from './limits.ts';
import { formatName } from '../name.ts';
import type { Moment, OpenQuestion, Resolution, ResolverState } from './state.ts';
import { Walk } from './walk.ts';

/** One step of the resolver: takes an event, changes `state`, and says what is to be done, in this order. */
export function step(state: ResolverState, event: ResolverEvent, now: Moment): readonly ResolverAction[] {
  const turn: Turn = { state, now, actions: [], ended: new Set() };
  handle(turn, event);
  goOn(turn);
  const atMs = nextDue(state);
  if (atMs !== undefined) turn.actions.push({ kind: 'wake', atMs });
  return turn.actions;
}

function handle(turn: Turn, event: ResolverEvent): void {
  switch (event.kind) {
    case 'question':
      return open(turn, event);
    case 'cancel':
      return leave(turn.state, turn.state.questions.get(event.number));
    case 'message':
      return receive(turn, event.query, event.bytes);
    case 'failure':
      return giveUpQuery(turn, event.query, event.reason);
    case 'timer':
      expireQueries(turn);
      return expireQuestions(turn);
  }
}

function open(turn: Turn, event: Extract<ResolverEvent, { kind: 'question' }>): void {
  const { number, name, type, deadlineMs } = event;
  const question: OpenQuestion = {
    number,
    name,
    type,
    startedMs: turn.now.monotonicMs,
    deadlineMs,
    queriesLeft: QUERIES_PER_QUESTION_MAX,
    verificationsLeft: VERIFICATIONS_PER_QUESTION_MAX,
    doubtsLeft: DOUBTS_PER_QUESTION_MAX,
    waitingFor: new Set(),
  };
  const isFull = turn.state.questions.size >= QUESTIONS_MAX;
  turn.state.questions.set(number, question);
  if (isFull) answer(turn, question, failure(`${QUESTIONS_MAX} questions are open already`));
  else run(turn, question);
}

/** Questions whose fetches have ended are looked at again; that may end other fetches. */
function goOn(turn: Turn): void {
  while (turn.ended.size > 0) {
    const ended = new Set(turn.ended);
    turn.ended.clear();
    for (const question of turn.state.questions.values())
      if (!question.waitingFor.isDisjointFrom(ended)) run(turn, question);
  }
}

function run(turn: Turn, question: OpenQuestion): void {
  const walk = new Walk(turn.state, question, turn.now);
  const resolution = follow(question, (name, type) => walk.conclude(name, type));
  if (resolution !== undefined) return answer(turn, question, resolution);
  if (question.queriesLeft === 0)
    return answer(turn, question, failure(`it takes more than ${QUERIES_PER_QUESTION_MAX} queries`));
  const before = question.waitingFor;
  question.waitingFor = walk.awaited;
  forgetStarved(turn.state, before);
  for (const wanted of walk.wanted.values()) startFetch(turn, wanted);
}

function failure(text: string): Resolution {
  return { kind: 'failed', fault: fault(EDE.OTHER, text) };
}

function answer({ state, actions }: Turn, question: OpenQuestion, resolution: Resolution): void {
  leave(state, question);
  actions.push({ kind: 'answer', number: question.number, resolution });
}

function leave(state: ResolverState, question: OpenQuestion | undefined): void {
  if (question === undefined) return;
  state.questions.delete(question.number);
  forgetStarved(state, question.waitingFor);
}

/** A fetch that nobody waits for any more goes on, and what it brings is kept; but not where it stands still. */
function forgetStarved({ questions, fetches }: ResolverState, keys: ReadonlySet<string>): void {
  for (const key of keys) {
    const isAwaited = questions.values().some(({ waitingFor }) => waitingFor.has(key));
    if (!isAwaited && fetches.get(key)?.isStarved === true) fetches.delete(key);
  }
}

function expireQuestions(turn: Turn): void {
  for (const question of turn.state.questions.values()) {
    if (question.deadlineMs > turn.now.monotonicMs) continue;
    const [open] = [...question.waitingFor].flatMap(key => turn.state.fetches.get(key) ?? []);
    const why = open?.fault ?? fault(EDE.OTHER, `no answer for ${formatName(question.name)} in time`);
    answer(turn, question, { kind: 'timed-out', fault: why });
  }
}

function nextDue({ questions, queries }: ResolverState): number | undefined {
  let dueMs = Number.POSITIVE_INFINITY;
  for (const { deadlineMs } of questions.values()) dueMs = Math.min(dueMs, deadlineMs);
  for (const { query } of queries.values()) dueMs = Math.min(dueMs, query?.dueMs ?? dueMs);
  return Number.isFinite(dueMs) ? dueMs : undefined;
}
