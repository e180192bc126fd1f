import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../base/bytes.ts';
import type { ChallengeType, Proof } from './challenge.ts';
import type { Failure } from './failure.ts';
import { beginOrder, step, type OrderEvent, type OrderMemory, type OrderTerms } from './order-run.ts';
import { CA, ModelAuthority as Model, PEM, signer, terms, type Received } from './testing/model-authority.ts';

interface Ended {
  readonly memory: OrderMemory;
  readonly certificatePem?: string;
  readonly failure?: Failure;
  readonly proofs: readonly Proof[];
  readonly waitedMs: number;
  readonly steps: number;
}

let model: Model;
beforeEach(() => {
  model = new Model();
});

interface Trouble {
  /** Power goes after so many actions: what was not saved is lost. */
  readonly cutAfter?: number;
  /** The answer to that request (counted from 0) is lost on its way. */
  readonly loses?: (request: number) => boolean;
  readonly terms?: Partial<OrderTerms>;
  readonly memory?: OrderMemory;
}

function run(trouble: Trouble = {}): Ended {
  let memory = trouble.memory ?? {};
  let state = beginOrder({ ...terms, ...trouble.terms }, memory);
  let event: OrderEvent = { kind: 'begin' };
  let proofs: readonly Proof[] = [];
  let waitedMs = 0;
  let requests = 0;
  for (let steps = 1; ; steps++) {
    if (steps > 3_000) throw new Error('the run does not end');
    const next = step(state, event, signer);
    state = next.run;
    const { action } = next;
    if (action.kind === 'done')
      return { memory, proofs, waitedMs, steps, certificatePem: action.certificatePem };
    if (action.kind === 'failed') return { memory, proofs, waitedMs, steps, failure: action.failure };
    if (steps === trouble.cutAfter) {
      // Power may go before or after the authority has got what was sent.
      if (action.kind === 'send') model.answer(action.request);
      return { memory, proofs, waitedMs, steps };
    }
    switch (action.kind) {
      case 'send': {
        const answer = model.answer(action.request);
        const isLost = trouble.loses?.(requests++) === true;
        event = isLost ? { kind: 'unreachable', reason: 'reset' } : { kind: 'answer', answer };
        break;
      }
      case 'save':
        ({ memory } = action);
        event = { kind: 'saved' };
        break;
      case 'prove':
        ({ proofs } = action);
        event = { kind: 'inPlace' };
        break;
      case 'wait':
        waitedMs += action.ms;
        event = { kind: 'waited' };
    }
  }
}

describe('an order', () => {
  it('goes from the first request to the certificate', () => {
    const { certificatePem, memory, proofs } = run();
    expect(certificatePem).toBe(PEM);
    expect(memory).toEqual({ accountUrl: `${CA}/account/1`, ordering: true, orderUrl: `${CA}/order/1` });
    expect(proofs.map(({ type, identifier, token }) => [type, identifier.value, token])).toEqual([
      ['tls-alpn-01', 'lares.test', 'token-tls-alpn-01'],
      ['tls-alpn-01', 'www.lares.test', 'token-tls-alpn-01'],
    ]);
    expect(model.received[0]?.payload).toEqual({
      termsOfServiceAgreed: true,
      contact: ['mailto:owner@lares.test'],
    });
  });

  it('spends one nonce a request and fetches the first alone', () => {
    let heads = 0;
    const answer = model.answer.bind(model);
    model.answer = request => {
      if (request.method === 'HEAD') heads++;
      return answer(request);
    };
    expect(run().certificatePem).toBe(PEM);
    expect(heads).toBe(1);
  });

  it('is one order, wherever power goes and however often', () => {
    const { steps } = run();
    for (let cutAfter = 1; cutAfter < steps; cutAfter++) {
      model = new Model();
      const { memory } = run({ cutAfter });
      expect(run({ memory }).certificatePem, `cut after ${cutAfter}`).toBe(PEM);
      expect(model.orders, `cut after ${cutAfter}`).toBe(1);
    }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: steps }), { maxLength: 20 }), cuts => {
        model = new Model();
        let memory: OrderMemory = {};
        for (const cutAfter of cuts) ({ memory } = run({ cutAfter, memory }));
        expect(run({ memory }).certificatePem).toBe(PEM);
        expect(model.orders).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('is one order, whichever answer is lost', () => {
    for (let lost = 0; lost < 25; lost++) {
      model = new Model();
      expect(run({ loses: request => request === lost }).certificatePem).toBe(PEM);
      expect(model.orders).toBe(1);
    }
  });

  it('goes on where an authority keeps no list of orders', () => {
    model.hasOrderList = false;
    const memory = { accountUrl: `${CA}/account/1`, ordering: true };
    expect(run({ memory }).certificatePem).toBe(PEM);
  });

  it('bears nonces that are refused', () => {
    let refusals = 0;
    model.interfere = () => (refusals++ % 3 === 0 ? undefined : model.problem(400, 'badNonce'));
    expect(run().certificatePem).toBe(PEM);
  });

  it('ends where the authority takes no nonce at all', () => {
    model.interfere = () => model.problem(400, 'badNonce');
    expect(run().failure?.kind).toBe('unreachable');
  });

  it('waits as long as the authority asks', () => {
    const { waitedMs } = run();
    // Two challenges and their authorizations at a second each and more, and Retry-After of finalize.
    expect(waitedMs).toBeGreaterThanOrEqual(5_000);
    expect(waitedMs).toBeLessThan(60_000);
  });
});

describe('what an order asks for', () => {
  const newOrder = (): Received['payload'] =>
    model.received.find(({ url }) => url === `${CA}/order`)?.payload;

  it('is the profile where the authority offers it, and what it replaces', () => {
    run({ terms: { profile: 'shortlived', replaces: 'a.b' } });
    expect(newOrder()).toEqual({ identifiers: terms.identifiers, profile: 'shortlived', replaces: 'a.b' });
  });

  it('is no profile that the authority does not offer', () => {
    run({ terms: { profile: 'tlsserver' } });
    expect(newOrder()).toEqual({ identifiers: terms.identifiers });
  });

  it.each([
    ['alreadyReplaced', 409, 'replaces'],
    ['malformed', 400, 'replaces'],
    ['invalidProfile', 400, 'profile'],
  ])('is asked again without what is refused as %s', (type, status, field) => {
    model.interfere = ({ url, payload }) =>
      url === `${CA}/order` && payload?.[field] !== undefined ? model.problem(status, type) : undefined;
    expect(run({ terms: { profile: 'shortlived', replaces: 'a.b' } }).certificatePem).toBe(PEM);
    expect(model.orders).toBe(1);
  });

  it('is proved in the way preferred', () => {
    const challengeTypes: readonly ChallengeType[] = ['dns-01', 'http-01'];
    model.interfere = ({ url }) =>
      url.endsWith('/dns-01') ? model.problem(500, 'serverInternal') : undefined;
    expect(run({ terms: { challengeTypes } }).proofs.map(({ type }) => type)).toEqual(['dns-01', 'dns-01']);
  });
});

describe('a refusal', () => {
  const refuse = (path: string, status: number, type: string, headers: Record<string, string> = {}): void => {
    model.interfere = ({ url }) =>
      url === `${CA}${path}` ? model.problem(status, type, headers) : undefined;
  };

  it('by a rate limit carries its Retry-After', () => {
    refuse('/order', 429, 'rateLimited', { 'retry-after': '7200' });
    expect(run().failure).toMatchObject({ kind: 'rateLimited', retryAfterMs: 7_200_000 });
  });

  it('reads a Retry-After that is a date against the clock of its sender', () => {
    refuse('/order', 429, 'rateLimited', {
      date: 'Mon, 23 Nov 2026 10:00:00 GMT',
      'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT',
    });
    expect(run().failure).toMatchObject({ kind: 'rateLimited', retryAfterMs: 3_600_000 });
  });

  it('of the stored order makes it be forgotten', () => {
    refuse('/order/1', 404, 'malformed');
    const memory = { accountUrl: `${CA}/account/1`, ordering: true, orderUrl: `${CA}/order/1` };
    expect(run({ memory }).failure?.kind).toBe('orderLost');
  });

  it('of the account makes another one', () => {
    const memory = { accountUrl: `${CA}/account/0`, ordering: true, orderUrl: `${CA}/order/0` };
    refuse('/order/0', 400, 'accountDoesNotExist');
    expect(run({ memory }).certificatePem).toBe(PEM);
  });

  it('by trouble of the authority is tried again a few times, then left for later', () => {
    let attempts = 0;
    model.interfere = ({ url }) => {
      if (url !== `${CA}/finalize`) return undefined;
      attempts++;
      return model.problem(503, 'serverInternal');
    };
    expect(run().failure?.kind).toBe('unreachable');
    expect(attempts).toBe(4);
  });

  it('of a name says which and why', () => {
    model.interfere = ({ url }) => {
      if (url !== `${CA}/authorization/www.lares.test`) return undefined;
      const error = { type: 'urn:ietf:params:acme:error:unauthorized', detail: 'got 404' };
      const challenge = { type: 'http-01', status: 'invalid', url: `${CA}/c`, token: 't', error };
      const body = { status: 'invalid', identifier: terms.identifiers[1], challenges: [challenge] };
      return { ...model.problem(200, ''), body: encodeUtf8(JSON.stringify(body)) };
    };
    expect(run().failure).toEqual({
      kind: 'validation',
      problems: [{ type: 'unauthorized', detail: 'got 404', identifier: terms.identifiers[1] }],
    });
  });

  it('is said where no way of proving is known to both', () => {
    const { failure } = run({ terms: { challengeTypes: ['dns-persist-01'] } });
    expect(failure).toMatchObject({
      kind: 'noChallenge',
      reason:
        'lares.test can be proved by http-01, tls-alpn-01, dns-01, but only dns-persist-01 can be answered here',
    });
  });
});

it('ends, and never throws, whatever the authority answers', () => {
  const scraps = fc.constantFrom(
    '',
    'null',
    '[]',
    '{}',
    PEM,
    '{"status":"pending","authorizations":[],"finalize":"https://ca.test/finalize"}',
    '{"status":"processing","finalize":"https://ca.test/finalize"}',
    '{"status":"invalid","authorizations":["https://ca.test/a"],"finalize":"https://ca.test/finalize"}',
    '{"status":"valid","finalize":"https://ca.test/finalize","certificate":"https://ca.test/certificate"}',
    '{"status":"pending","identifier":{"type":"dns","value":"x"},"challenges":[{"type":"http-01","url":"https://ca.test/c","token":"t"}]}',
    '{"type":"urn:ietf:params:acme:error:badNonce"}',
  );
  const answer = fc.record({
    status: fc.constantFrom(200, 201, 400, 403, 404, 409, 429, 500, 503),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { 'replay-nonce': 'abc' },
      { 'replay-nonce': 'abc', location: 'https://ca.test/order/1' },
      { 'replay-nonce': 'abc', location: 'https://ca.test/order/1', 'retry-after': '2' },
    ),
    body: fc.oneof(scraps.map(encodeUtf8), fc.uint8Array()),
  });
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1 }), answers => {
      let index = 0;
      model.answer = () =>
        answers[index++ % answers.length] ?? { status: 500, headers: {}, body: new Uint8Array() };
      const { certificatePem, failure } = run();
      expect(certificatePem ?? failure).toBeDefined();
    }),
  );
});
