import { chooseChallenge, keyAuthorizationOf, persistentRecord, type Proof } from './challenge.ts';
import { head, post } from './exchange.ts';
import { failedBy, type Failure } from './failure.ts';
import { bindExternalAccount, encodeBase64Url, thumbprintOf, type AcmeSigner } from './jws.ts';
import type { Authorization, Order } from './objects.ts';
import type { Asked, OrderRun, OrderStep, Purpose } from './order-run.ts';
import type { Problem } from './problem.ts';

/** An order whose authority has not decided after so much waiting is come back to later. */
const WAITING_MAX_MS = 600_000;

/** The one thing to do next, from what is known. */
export function plan(run: OrderRun, signer: AcmeSigner): OrderStep {
  if (run.failure !== undefined) return { run, action: { kind: 'failed', failure: run.failure } };
  if (run.memory !== run.stored) return { run, action: { kind: 'save', memory: run.memory } };
  if (run.certificatePem !== undefined)
    return { run, action: { kind: 'done', certificatePem: run.certificatePem } };
  if (run.counts.waitedMs > WAITING_MAX_MS)
    return fail(run, { kind: 'stuck', reason: 'the authority has not decided within ten minutes' });
  if (run.pauseMs !== undefined) return { run, action: { kind: 'wait', ms: run.pauseMs } };
  const { memory, order } = run;
  if (memory.accountUrl === undefined) return planAccount(run, signer);
  if (memory.orderUrl === undefined) return planNewOrder(run, signer);
  if (order === undefined) return postAsGet(run, 'order', memory.orderUrl, signer);
  switch (order.status) {
    case 'pending':
      return planAuthorizations(run, order, signer);
    case 'ready':
      // RFC 8555 §7.4: the order is ready once every authorization is valid.
      return send(
        run,
        { purpose: 'finalize', url: order.finalize },
        { csr: encodeBase64Url(run.terms.csr) },
        signer,
      );
    case 'processing':
      return postAsGet(run, 'order', memory.orderUrl, signer);
    case 'valid':
      return order.certificate === undefined
        ? fail(run, { kind: 'malformed', reason: 'a valid order without a certificate' })
        : postAsGet(run, 'certificate', order.certificate, signer);
    case 'invalid':
      return planInvalid(run, order, signer);
  }
}

function planAccount(run: OrderRun, signer: AcmeSigner): OrderStep {
  const { directory, contacts, externalAccount } = run.terms;
  if (directory.externalAccountRequired && externalAccount === undefined)
    return fail(run, {
      kind: 'noChallenge',
      reason: 'the authority wants an account of yours: set [certificates.external-account]',
    });
  const binding =
    externalAccount === undefined
      ? {}
      : { externalAccountBinding: bindExternalAccount(externalAccount, directory.newAccount, signer) };
  // RFC 8555 §7.3: the same key gets the same account, so that this may be sent again after a restart.
  const payload = { termsOfServiceAgreed: true, contact: contacts, ...binding };
  return send(run, { purpose: 'newAccount', url: directory.newAccount }, payload, signer);
}

/** An order that may have been asked for before is looked for first. */
function planNewOrder(run: OrderRun, signer: AcmeSigner): OrderStep {
  const { memory, candidates, ordersUrl, terms, refused } = run;
  if (memory.ordering !== true) {
    const next: OrderRun = { ...run, memory: { ...memory, ordering: true }, candidates: [] };
    return { run: next, action: { kind: 'save', memory: next.memory } };
  }
  if (candidates === undefined)
    return ordersUrl === undefined
      ? postAsGet(run, 'account', memory.accountUrl ?? '', signer)
      : postAsGet(run, 'orders', ordersUrl, signer);
  if (candidates[0] !== undefined) return postAsGet(run, 'candidate', candidates[0], signer);
  const { directory, profile, replaces, identifiers } = terms;
  const offersProfile = profile !== undefined && directory.profiles.includes(profile);
  const payload = {
    identifiers,
    ...(offersProfile && !refused.has('profile') ? { profile } : {}),
    // RFC 9773 §5: only towards the authority that issued it, which the caller sees to.
    ...(replaces === undefined || refused.has('replaces') ? {} : { replaces }),
  };
  return send(run, { purpose: 'newOrder', url: directory.newOrder }, payload, signer);
}

function planAuthorizations(run: OrderRun, order: Order, signer: AcmeSigner): OrderStep {
  const unknown = order.authorizations.find(url => !run.authorizations.has(url));
  if (unknown !== undefined) return postAsGet(run, 'authorization', unknown, signer);
  const known = [...run.authorizations.entries()];
  const bad = known.filter(([, { status }]) => status !== 'pending' && status !== 'valid');
  if (bad.length > 0)
    return fail(run, { kind: 'validation', problems: bad.flatMap(([, each]) => problemsOf(each)) });
  const open = known.filter(([, { status }]) => status === 'pending');
  if (open[0] === undefined) return postAsGet(run, 'order', run.memory.orderUrl ?? '', signer);
  const chosen = open.map(([, each]) => chooseChallenge(each, run.terms.challengeTypes));
  const without = chosen.indexOf(undefined);
  if (without >= 0) return fail(run, noChallenge(run, open[without]?.[1]));
  const challenges = chosen.filter(each => each !== undefined);
  if (challenges.some(({ url }) => !run.inPlace.has(url)))
    return { run, action: { kind: 'prove', proofs: proofsOf(run, signer) } };
  const untold = challenges.find(({ url, status }) => status === 'pending' && !run.told.has(url));
  // RFC 8555 §7.5.1: an empty object tells the authority that the proof is in place.
  if (untold !== undefined) return send(run, { purpose: 'challenge', url: untold.url }, {}, signer);
  return postAsGet(run, 'authorization', open[0][0], signer);
}

function proofsOf(run: OrderRun, signer: AcmeSigner): Proof[] {
  const thumbprint = thumbprintOf(signer.jwk);
  return [...run.authorizations.values()].flatMap(authorization => {
    if (authorization.status !== 'pending') return [];
    const { identifier, wildcard } = authorization;
    const challenge = chooseChallenge(authorization, run.terms.challengeTypes);
    if (challenge === undefined) return [];
    const { type, token = '', issuerDomainNames } = challenge;
    const [issuer] = issuerDomainNames;
    if (type === 'dns-persist-01' && issuer !== undefined) {
      const record = persistentRecord(issuer, run.memory.accountUrl ?? '', wildcard);
      return [{ type, identifier, token: '', keyAuthorization: '', persistentRecord: record }];
    }
    return [{ type, identifier, token, keyAuthorization: keyAuthorizationOf(token, thumbprint) }];
  });
}

/** An order can be over because of one authorization: which one is worth a question, since people read the reason. */
function planInvalid(run: OrderRun, order: Order, signer: AcmeSigner): OrderStep {
  const unseen = order.authorizations.find(url => !run.authorizations.has(url));
  if (unseen !== undefined) return postAsGet(run, 'authorization', unseen, signer);
  const problems = [...run.authorizations.values()].flatMap(each => problemsOf(each));
  const own = order.error ?? { type: 'unknown', detail: 'the order is invalid' };
  return fail(run, { kind: 'validation', problems: problems.length > 0 ? problems : [own] });
}

function problemsOf({ status, identifier, challenges }: Authorization): Problem[] {
  if (status === 'valid' || status === 'pending') return [];
  const problems = challenges.flatMap(({ error }) => (error === undefined ? [] : [{ ...error, identifier }]));
  return problems.length > 0
    ? problems
    : [{ type: 'unknown', detail: `the authorization is ${status}`, identifier }];
}

function noChallenge(run: OrderRun, authorization: Authorization | undefined): Failure {
  const name = `${authorization?.wildcard === true ? '*.' : ''}${authorization?.identifier.value ?? ''}`;
  const offered = authorization?.challenges.map(({ type }) => type).join(', ') ?? '';
  const reason = `${name} can be proved by ${offered}, but only ${run.terms.challengeTypes.join(', ')} can be answered here`;
  return { kind: 'noChallenge', reason };
}

function postAsGet(run: OrderRun, purpose: Purpose, url: string, signer: AcmeSigner): OrderStep {
  return send(run, { purpose, url }, undefined, signer);
}

/** A signed request; where no nonce is left, one is fetched first (RFC 8555 §7.2). */
function send(run: OrderRun, asked: Asked, payload: object | undefined, signer: AcmeSigner): OrderStep {
  const { nonce, memory } = run;
  if (nonce === undefined) {
    const { newNonce } = run.terms.directory;
    return {
      run: { ...run, asked: { purpose: 'nonce', url: newNonce } },
      action: { kind: 'send', request: head(newNonce) },
    };
  }
  const account =
    asked.purpose === 'newAccount' || memory.accountUrl === undefined
      ? {}
      : { accountUrl: memory.accountUrl };
  return {
    run: { ...run, asked },
    action: { kind: 'send', request: post({ url: asked.url, nonce, payload, ...account }, signer) },
  };
}

function fail(run: OrderRun, failure: Failure): OrderStep {
  return { run: failedBy(run, failure), action: { kind: 'failed', failure } };
}
