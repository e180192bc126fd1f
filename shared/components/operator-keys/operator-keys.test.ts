import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLoginToken, LOGIN_TOKEN_LIFETIME_MS, verifyLoginToken } from './login-token.ts';
import {
  createOperatorKeys,
  formatOperatorFile,
  parseOperatorFile,
  publicOperator,
} from './operator-file.ts';
import type { OperatorKeys } from './operator-file.ts';
import { formatOperator, parseOperator, type OperatorPublic } from './operator.ts';
import { createReplayGuard } from './replay-guard.ts';
import { createSessions, SESSION_LIFETIME_MS, SESSIONS_MAX } from './sessions.ts';
import { withOperator } from './with-operator.ts';

const NOW = 1_790_000_000_000;
const FINGERPRINT = 'ab'.repeat(32);
let keys: OperatorKeys;
let operator: OperatorPublic;

beforeAll(async () => {
  keys = await createOperatorKeys('anna at home');
  operator = publicOperator(keys);
});

function token(change: { fingerprint?: string; expiresMs?: number } = {}): string {
  const nonce = new Uint8Array(16).fill(7);
  return createLoginToken(keys.signingKeyPem, {
    fingerprint: FINGERPRINT,
    expiresMs: NOW + LOGIN_TOKEN_LIFETIME_MS,
    nonce,
    ...change,
  });
}

const verifyNow = (text: string, nowMs = NOW) =>
  verifyLoginToken(text, { fingerprint: FINGERPRINT, operators: [operator], nowMs });

describe('operator file and line', () => {
  it('keep everything through their texts', () => {
    expect(parseOperatorFile(formatOperatorFile(keys))).toEqual({ ok: true, value: keys });
    const parsed = parseOperator(formatOperator(operator));
    expect(parsed.ok && formatOperator(parsed.value)).toBe(formatOperator(operator));
    expect(keys.backupIdentity).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
    expect(formatOperator(operator)).toMatch(/ age1[0-9a-z]{58} anna at home$/);
  });

  it('say what is wrong with a line', () => {
    const words = formatOperator(operator).split(' ');
    expect(parseOperator('ssh-ed25519 AAAA me')).toMatchObject({ ok: false });
    expect(parseOperator(words.with(1, 'short').join(' '))).toEqual({
      ok: false,
      error: 'has no Ed25519 key of 43 letters as its second word',
    });
    expect(parseOperator(words.slice(0, 4).join(' '))).toMatchObject({ ok: false });
    fc.assert(fc.property(fc.string(), line => void parseOperator(line)));
    fc.assert(fc.property(fc.string(), text => void parseOperatorFile(text)));
    fc.assert(fc.property(fc.json(), text => void parseOperatorFile(text)));
  });

  it('go into a configuration that names no operator, and leave one that does alone', () => {
    const line = formatOperator(operator);
    const added = withOperator('[admin]\nport = 8443', [line]);
    expect(parse(added)).toEqual({ admin: { port: 8443 }, operator: { keys: [line] } });
    const own = '[operator]\nkeys = ["somebody"]\n';
    expect(withOperator(own, [line])).toBe(own);
    for (const empty of [
      '[operator]\n# who\n\nkeys = []\n[admin]\nport = 1\n',
      '[operator] # who\n[admin]\nport = 1',
    ])
      expect(parse(withOperator(empty, [line]))).toEqual({ admin: { port: 1 }, operator: { keys: [line] } });
    expect(withOperator('broken = ', [line])).toBe('broken = ');
  });
});

describe('log-in tokens', () => {
  it('let in the operator who signed them', () => {
    const verified = verifyNow(token());
    expect(verified.ok && verified.value.operator.name).toBe('anna at home');
  });

  it('are for one appliance, one minute and known operators', async () => {
    expect(verifyNow(token(), NOW + LOGIN_TOKEN_LIFETIME_MS)).toEqual({ ok: false, error: 'expired' });
    expect(verifyNow(token({ expiresMs: NOW + 600_000 }))).toEqual({ ok: false, error: 'too-long-lived' });
    expect(verifyNow(token({ fingerprint: 'cd'.repeat(32) }))).toEqual({
      ok: false,
      error: 'unknown-operator',
    });
    const stranger = await createOperatorKeys('stranger');
    const forged = createLoginToken(stranger.signingKeyPem, {
      fingerprint: FINGERPRINT,
      expiresMs: NOW + 1_000,
      nonce: new Uint8Array(16),
    });
    expect(verifyNow(forged)).toEqual({ ok: false, error: 'unknown-operator' });
  });

  it('break when one letter changes, and never throw', () => {
    const good = token();
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.constantFrom('A', '7', '.', '_'), (at, letter) => {
        const changed = good.slice(0, at) + letter + good.slice(at + 1);
        // The last letter of base64url carries unused bits; only a changed byte must be refused.
        const same = Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(
          Buffer.from(good.split('.')[2] ?? '', 'base64url'),
        );
        if (changed !== good && !(same && at > good.lastIndexOf('.')))
          expect(verifyNow(changed).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string(), text => {
        expect(verifyNow(text).ok).toBe(false);
      }),
    );
  });
});

describe('createReplayGuard()', () => {
  it('takes a nonce once while its token lives, and refuses rather than forgets', () => {
    const guard = createReplayGuard();
    expect(guard.take('n', 100, 0)).toBe('fresh');
    expect(guard.take('n', 100, 50)).toBe('used');
    for (let index = 0; index < 999; index++) guard.take(`m${index}`, 100, 50);
    expect(guard.take('one more', 100, 50)).toBe('busy');
    expect(guard.take('one more', 200, 100)).toBe('fresh');
  });
});

describe('createSessions()', () => {
  it('finds a session by its secret until it ends, and keeps a bounded number', () => {
    let now = 0;
    let seed = 0;
    const clock = { now: () => now, monotonic: () => now, sleep: async () => {}, timer: () => never() };
    const secureRandom = {
      secure: true as const,
      bytes: (count: number) => new Uint8Array(count).fill(seed++ % 256),
    };
    const sessions = createSessions({ clock, secureRandom });
    const secret = sessions.begin('anna');
    expect(sessions.find(secret)).toBe('anna');
    expect(sessions.find(`${secret}x`)).toBeUndefined();
    expect(sessions.find('')).toBeUndefined();
    for (let index = 0; index < SESSIONS_MAX; index++) sessions.begin('ben');
    expect([sessions.count(), sessions.find(secret)]).toEqual([SESSIONS_MAX, undefined]);
    now = SESSION_LIFETIME_MS;
    expect(sessions.count()).toBe(0);
  });
});

function never(): never {
  throw new Error('not used');
}
