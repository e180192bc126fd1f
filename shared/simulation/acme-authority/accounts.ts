import { base64Url } from './issuing.ts';
import type { Ledger } from './ledger.ts';
import { malformed, Problem } from './problem.ts';
import {
  checkExternalAccount,
  checkSignature,
  importKey,
  parseObject,
  parseSignedRequest,
  thumbprint,
  type SignedRequest,
} from './signed-request.ts';
import type { Account } from './state.ts';

const NONCE_BYTES = 16;
/** The oldest go first: clients keep a handful, and each may be used once. */
const NONCES_MAX = 10_000;

/** Who asks: nonces, keys and accounts (RFC 8555 §6 and §7.3). */
export class Accounts {
  readonly #ledger: Ledger;
  readonly #nonces = new Set<string>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  freshNonce(): string {
    const nonce = base64Url(this.#ledger.options.random.bytes(NONCE_BYTES));
    this.#nonces.add(nonce);
    for (const oldest of this.#nonces) {
      if (this.#nonces.size <= NONCES_MAX) break;
      this.#nonces.delete(oldest);
    }
    return nonce;
  }

  /** A request whose signature, nonce and URL are right. @throws Problem */
  authenticate(body: Uint8Array, path: string): SignedRequest {
    const request = parseSignedRequest(body);
    const key = request.jwk === undefined ? this.accountOf(request).key : importKey(request.jwk);
    checkSignature(request, key);
    const { random, nonceRejection = 0, baseUrl } = this.#ledger.options;
    // RFC 8555 §6.5: each nonce is good once.
    const isFresh = this.#nonces.delete(request.nonce ?? '');
    if (!isFresh || random.chance(nonceRejection))
      throw new Problem('badNonce', 400, 'the nonce is not good');
    // RFC 8555 §6.4.
    if (request.url !== baseUrl + path)
      throw new Problem('unauthorized', 401, "'url' is another than the one asked");
    return request;
  }

  /** The account that a request names. @throws Problem */
  accountOf({ kid }: SignedRequest): Account {
    // RFC 8555 §6.2: only newAccount shows the key itself (and revokeCert, which is not offered by key here).
    if (kid === undefined) throw malformed("'kid' names the account here");
    const account = this.#ledger.accounts.get(kid);
    if (account === undefined) throw new Problem('accountDoesNotExist', 400, 'there is no such account');
    if (account.status !== 'valid')
      throw new Problem('unauthorized', 401, `the account is ${account.status}`);
    return account;
  }

  /** RFC 8555 §7.3: the account of that key, or a new one. @throws Problem */
  open(request: SignedRequest, address: string, nowMs: number): { account: Account; isNew: boolean } {
    const { jwk } = request;
    if (jwk === undefined) throw malformed("'jwk' shows the key here");
    const payload = parseObject(request.payload, 'the account');
    const print = thumbprint(jwk);
    const known = this.#ledger.accountsByThumbprint.get(print);
    if (known !== undefined) return { account: known, isNew: false };
    // RFC 8555 §7.3.1.
    if (payload['onlyReturnExisting'] === true)
      throw new Problem('accountDoesNotExist', 400, 'there is no account with that key');
    this.#checkTerms(payload, jwk);
    const { limits, options, accounts, accountsByThumbprint } = this.#ledger;
    limits.check('new accounts per address', address, nowMs);
    limits.spend('new accounts per address', address, nowMs);
    const account: Account = {
      url: `${options.baseUrl}/account/${this.#ledger.nextId()}`,
      key: importKey(jwk),
      thumbprint: print,
      status: 'valid',
      contact: readContact(payload['contact']),
    };
    accounts.set(account.url, account);
    accountsByThumbprint.set(print, account);
    return { account, isNew: true };
  }

  /** RFC 8555 §7.3.2 and §7.3.6. @throws Problem */
  change(account: Account, payload: Readonly<Record<string, unknown>>): void {
    if (payload['contact'] !== undefined) account.contact = readContact(payload['contact']);
    if (payload['status'] === 'deactivated') account.status = 'deactivated';
  }

  #checkTerms(payload: Readonly<Record<string, unknown>>, jwk: Readonly<Record<string, unknown>>): void {
    const { externalAccounts, baseUrl } = this.#ledger.options;
    // RFC 8555 §7.3.3.
    if (payload['termsOfServiceAgreed'] !== true)
      throw new Problem('userActionRequired', 403, 'the terms of service are not agreed to');
    if (externalAccounts !== undefined)
      checkExternalAccount(
        payload['externalAccountBinding'],
        jwk,
        `${baseUrl}/new-account`,
        externalAccounts,
      );
  }
}

/** RFC 8555 §7.3: mailto URLs without header fields, one address each. @throws Problem */
function readContact(contact: unknown): readonly string[] {
  if (contact === undefined) return [];
  const isGood = (each: unknown): each is string =>
    typeof each === 'string' && /^mailto:[^?,\s]+@[^?,\s]+$/.test(each);
  if (!Array.isArray(contact) || !contact.every(isGood))
    throw new Problem('invalidContact', 400, 'contacts are mailto: URLs');
  return contact;
}
