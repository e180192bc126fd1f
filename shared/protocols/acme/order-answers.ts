import { decodeUtf8 } from '../../base/bytes.ts';
import { readRetryAfterMs, type AcmeAnswer } from './exchange.ts';
import { failedBy } from './failure.ts';
import { sameIdentifiers } from './identifier.ts';
import { asUrl, isObject, readUrl, readUrls } from './json.ts';
import { readAuthorization, readOrder } from './objects.ts';
import type { Asked, OrderRun } from './order-run.ts';
import { parseJson } from './problem.ts';

/** Orders of an account that are looked through for the one that was asked for before a restart. */
const CANDIDATES_MAX = 20;
/** Between polls where the authority names no time (RFC 8555 §7.5.1 leaves it to the client). */
const POLL_FIRST_MS = 1_000;
const POLL_MAX_MS = 10_000;
/** A longer Retry-After is cut to this: an order is over within minutes, or comes back to later as a whole. */
const POLL_RETRY_AFTER_MAX_MS = 120_000;

/** What a good answer (2xx) tells. */
export function takeAnswer(run: OrderRun, asked: Asked, answer: AcmeAnswer): OrderRun {
  switch (asked.purpose) {
    case 'nonce':
      return run.nonce === undefined ? malformed(run, 'newNonce gives no Replay-Nonce') : run;
    case 'newAccount':
      return takeAccount(run, answer);
    case 'account':
      return takeOrdersUrl(run, answer);
    case 'orders':
      return takeCandidates(run, answer);
    case 'candidate':
      return takeCandidate(run, asked.url, answer);
    case 'newOrder':
      return takeNewOrder(run, answer);
    case 'order':
    case 'finalize':
      return takeOrder(run, answer);
    case 'authorization':
      return takeAuthorization(run, asked.url, answer);
    case 'challenge':
      return takeTold(run, asked.url, answer);
    case 'certificate':
      return takeCertificate(run, answer);
  }
}

function takeAccount(run: OrderRun, answer: AcmeAnswer): OrderRun {
  // RFC 8555 §7.3: the account's URL stands in Location, for a new account (201) and for one that exists (200).
  const accountUrl = asUrl(answer.headers['location']);
  if (accountUrl === undefined) return malformed(run, 'newAccount gives no Location');
  return { ...run, memory: { ...run.memory, accountUrl } };
}

function takeOrdersUrl(run: OrderRun, answer: AcmeAnswer): OrderRun {
  const account = parseJson(answer.body);
  const ordersUrl = isObject(account) ? readUrl(account, 'orders') : undefined;
  // Let's Encrypt has no such list; it gives the same pending order to whoever asks for the same names again.
  return ordersUrl === undefined ? { ...run, candidates: [] } : { ...run, ordersUrl };
}

// RFC 8555 §7.1.2.1.
function takeCandidates(run: OrderRun, answer: AcmeAnswer): OrderRun {
  const list = parseJson(answer.body);
  const urls = isObject(list) ? readUrls(list, 'orders') : [];
  return { ...run, candidates: urls.slice(-CANDIDATES_MAX).toReversed() };
}

function takeCandidate(run: OrderRun, url: string, answer: AcmeAnswer): OrderRun {
  const order = readOrder(parseJson(answer.body));
  const open = order?.status === 'pending' || order?.status === 'ready';
  if (order === undefined || !open || !sameIdentifiers(order.identifiers, run.terms.identifiers))
    return { ...run, candidates: (run.candidates ?? []).slice(1) };
  return { ...run, candidates: [], memory: { ...run.memory, orderUrl: url }, order };
}

function takeNewOrder(run: OrderRun, answer: AcmeAnswer): OrderRun {
  const orderUrl = asUrl(answer.headers['location']);
  if (orderUrl === undefined) return malformed(run, 'newOrder gives no Location');
  const order = readOrder(parseJson(answer.body));
  // What the order says is asked for again where it cannot be read; its place is known and must not be lost.
  const known: OrderRun = { ...run, memory: { ...run.memory, orderUrl } };
  return order === undefined ? known : { ...known, order };
}

function takeOrder(run: OrderRun, answer: AcmeAnswer): OrderRun {
  const order = readOrder(parseJson(answer.body));
  if (order === undefined) return malformed(run, 'an order lacks a field');
  const moved = order.status !== run.order?.status;
  const next: OrderRun = {
    ...run,
    order,
    // Which authorization ended the order is asked anew: people read the reason.
    authorizations: moved && order.status === 'invalid' ? new Map() : run.authorizations,
    counts: { ...run.counts, polls: moved ? 0 : run.counts.polls },
  };
  // RFC 8555 §7.4: while it is processing, Retry-After says when to ask again; after the last authorization an order may
  // stay pending for a moment.
  return order.status === 'processing' || !moved ? polled(next, answer) : next;
}

/** Once all are told, polling the authorizations tells how it goes on (RFC 8555 §7.5.1). */
export function takeTold(run: OrderRun, url: string, answer: AcmeAnswer): OrderRun {
  const next = { ...run, told: new Set([...run.told, url]) };
  const open = [...run.authorizations.values()].filter(({ status }) => status === 'pending');
  return next.told.size < open.length ? next : polled(next, answer);
}

/** RFC 8555 §7.4: the order is not ready for finalizing after all; it is looked at again. */
export function takeNotReady(run: OrderRun, answer: AcmeAnswer): OrderRun {
  const { order: _order, ...rest } = run;
  return polled({ ...rest, authorizations: new Map() }, answer);
}

function takeAuthorization(run: OrderRun, url: string, answer: AcmeAnswer): OrderRun {
  const authorization = readAuthorization(parseJson(answer.body));
  if (authorization === undefined) return malformed(run, 'an authorization lacks a field');
  const next = { ...run, authorizations: new Map(run.authorizations).set(url, authorization) };
  if (authorization.status !== 'pending') return { ...next, counts: { ...run.counts, polls: 0 } };
  return run.authorizations.has(url) ? polled(next, answer) : next;
}

function takeCertificate(run: OrderRun, answer: AcmeAnswer): OrderRun {
  const certificatePem = decodeUtf8(answer.body);
  return /^-----BEGIN CERTIFICATE-----$/m.test(certificatePem)
    ? { ...run, certificatePem }
    : malformed(run, 'a certificate that is no PEM');
}

function polled(run: OrderRun, answer: AcmeAnswer): OrderRun {
  const { polls, waitedMs } = run.counts;
  const ownMs = Math.min(POLL_MAX_MS, POLL_FIRST_MS * 2 ** polls);
  // A Retry-After of 0 would be a busy loop.
  const askedMs = Math.max(POLL_FIRST_MS, readRetryAfterMs(answer) ?? ownMs);
  const pauseMs = Math.min(POLL_RETRY_AFTER_MAX_MS, askedMs);
  return { ...run, pauseMs, counts: { ...run.counts, polls: polls + 1, waitedMs: waitedMs + pauseMs } };
}

function malformed(run: OrderRun, reason: string): OrderRun {
  return failedBy(run, { kind: 'malformed', reason });
}
