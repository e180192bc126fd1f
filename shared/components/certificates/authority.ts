import { createHash } from 'node:crypto';
import type { Devices } from '../../devices/devices.ts';
import { DeviceError } from '../../devices/device-error.ts';
import {
  get,
  readRetryAfterMs,
  readSentMs,
  type AcmeAnswer,
  type AcmeRequest,
} from '../../protocols/acme/exchange.ts';
import type { AcmeSigner, ExternalAccount } from '../../protocols/acme/jws.ts';
import { noteUses, orderAllowedAtMs, type Ledger, type LedgerUse } from '../../protocols/acme/limits.ts';
import { readDirectory, type Directory } from '../../protocols/acme/objects.ts';
import { parseJson } from '../../protocols/acme/problem.ts';
import { readRenewalInfo, renewalInfoUrl, type RenewalWindow } from '../../protocols/acme/renewal-info.ts';
import type { CertificateMaker } from '../x509/certificate-maker.ts';
import type { CertificateStore, StoredAccount } from './store.ts';
import type { TrueTime } from './true-time.ts';

export interface AuthorityOptions {
  readonly directoryUrl: string;
  /** As people call it. */
  readonly name: string;
  readonly trustAnchorsPem: readonly string[];
  /** `mailto:` URLs. */
  readonly contacts: readonly string[];
  readonly externalAccount?: () => Promise<ExternalAccount | undefined>;
}

export interface Account {
  readonly signer: AcmeSigner;
  readonly accountUrl?: string;
}

/** What an authority says of the right moment for the next certificate. */
export interface WindowAnswer {
  readonly window?: RenewalWindow;
  readonly retryAfterMs?: number;
}

interface AuthorityParts {
  readonly devices: Pick<Devices, 'http' | 'clock'>;
  readonly store: CertificateStore;
  readonly maker: CertificateMaker;
  readonly time: TrueTime;
  readonly signal: AbortSignal;
}

/** A directory says where everything is; a day is short enough to follow an authority that moves. */
const DIRECTORY_KEPT_MS = 86_400_000;
/** Of one request: authorities under load have been seen to take half a minute. */
const REQUEST_TIMEOUT_MS = 60_000;

/** An authority whose answer to the question where everything is is of no use. */
export class AuthorityError extends DeviceError {
  override name = 'AuthorityError';
  readonly retryAfterMs: number | undefined;

  constructor(directoryUrl: string, answer: AcmeAnswer) {
    const { status } = answer;
    const isAway = status === 429 || status >= 500;
    super(
      isAway ? 'busy' : 'failed',
      isAway
        ? `${directoryUrl} answers with HTTP status ${status}`
        : `${directoryUrl} is no ACME directory (HTTP status ${status})`,
    );
    this.retryAfterMs = readRetryAfterMs(answer);
  }
}

/** What a failure to reach an authority says of the next try. */
export function unreachableBy(error: DeviceError): {
  readonly kind: 'unreachable';
  readonly retryAfterMs?: number;
} {
  const retryAfterMs = error instanceof AuthorityError ? error.retryAfterMs : undefined;
  return { kind: 'unreachable', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** One certificate authority, spoken to over the world's Http. Every answer also tells the time. */
export class Authority {
  readonly id: string;
  readonly options: AuthorityOptions;
  readonly #parts: AuthorityParts;
  #directory: { readonly value: Directory; readonly atMs: number } | undefined;
  #account: Promise<StoredAccount> | undefined;

  constructor(options: AuthorityOptions, parts: AuthorityParts) {
    this.options = options;
    this.id = authorityId(options.directoryUrl);
    this.#parts = parts;
  }

  /** @throws DeviceError where no answer comes. */
  async send(request: AcmeRequest): Promise<AcmeAnswer> {
    const { devices, time, signal } = this.#parts;
    const { trustAnchorsPem } = this.options;
    const { url, ...rest } = request;
    const answer = await devices.http.request({
      ...rest,
      url: new URL(url),
      timeoutMs: REQUEST_TIMEOUT_MS,
      signal,
      ...(trustAnchorsPem.length === 0 ? {} : { trustAnchorsPem }),
    });
    const sentMs = readSentMs(answer);
    if (sentMs !== undefined) time.learn(sentMs);
    return answer;
  }

  /** @throws DeviceError where it cannot be had. */
  async directory(): Promise<Directory> {
    const nowMs = this.#parts.devices.clock.monotonic();
    const kept = this.#directory;
    if (kept !== undefined && nowMs - kept.atMs < DIRECTORY_KEPT_MS) return kept.value;
    return this.contact();
  }

  /** Asks anew where everything is, which also tells the time. @throws DeviceError where no usable answer comes, AuthorityError as one. */
  async contact(): Promise<Directory> {
    const { directoryUrl } = this.options;
    const answer = await this.send(get(directoryUrl));
    const value = answer.status === 200 ? readDirectory(parseJson(answer.body)) : undefined;
    if (value === undefined) throw new AuthorityError(directoryUrl, answer);
    this.#directory = { value, atMs: this.#parts.devices.clock.monotonic() };
    return value;
  }

  /** The account's key, made where there is none; it is stored before it is used. */
  async account(): Promise<Account> {
    this.#account ??= this.#openAccount();
    try {
      const { privateKeyPem, accountUrl } = await this.#account;
      const signer = this.#parts.maker.signerOf(privateKeyPem);
      return { signer, ...(accountUrl === undefined ? {} : { accountUrl }) };
    } catch (error) {
      this.#account = undefined;
      throw error;
    }
  }

  async noteAccountUrl(accountUrl: string | undefined): Promise<void> {
    const { directoryUrl, privateKeyPem, accountUrl: known } = await (this.#account ??= this.#openAccount());
    if (accountUrl === known) return;
    const account = { directoryUrl, privateKeyPem, ...(accountUrl === undefined ? {} : { accountUrl }) };
    await this.#parts.store.account(this.id).save(account);
    this.#account = Promise.resolve(account);
  }

  /** RFC 9773 §4.2. @throws DeviceError where it cannot be reached. */
  async renewalWindow(certificateId: string): Promise<WindowAnswer> {
    const { renewalInfo } = await this.directory();
    if (renewalInfo === undefined) {
      // An authority without renewal information is still asked for the time once in a while.
      await this.contact();
      return { retryAfterMs: DIRECTORY_KEPT_MS };
    }
    const answer = await this.send(get(renewalInfoUrl(renewalInfo, certificateId)));
    const window = answer.status === 200 ? readRenewalInfo(parseJson(answer.body)) : undefined;
    const retryAfterMs = readRetryAfterMs(answer);
    return {
      ...(window === undefined ? {} : { window }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }

  /** When an order for the names stays below the rate limits. */
  async orderAllowedAtMs(names: readonly string[], nowMs: number): Promise<number> {
    return orderAllowedAtMs(await this.#ledger(), names, nowMs);
  }

  /** Durable before it resolves. */
  async noteUses(uses: readonly LedgerUse[], nowMs: number): Promise<void> {
    const ledger = noteUses(await this.#ledger(), uses, nowMs);
    await this.#parts.store.ledger(this.id).save(ledger);
  }

  async #ledger(): Promise<Ledger> {
    return (await this.#parts.store.ledger(this.id).load()) ?? [];
  }

  async #openAccount(): Promise<StoredAccount> {
    const { store, maker } = this.#parts;
    const slot = store.account(this.id);
    const kept = await slot.load();
    if (kept !== undefined) return kept;
    const { directoryUrl } = this.options;
    const account = { directoryUrl, privateKeyPem: await maker.createKey('ecdsa-p256') };
    await slot.save(account);
    return account;
  }
}

function authorityId(directoryUrl: string): string {
  return createHash('sha256').update(directoryUrl).digest('hex').slice(0, 16);
}
