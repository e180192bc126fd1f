import { createHash } from 'node:crypto';
import { equalBytes } from '../../base/bytes.ts';
import type { TlsCredentials } from '../../devices/tls.ts';
import { patternsFor } from '../../protocols/front/route.ts';
import { createTlsServerContext, type TlsServerContext } from '../ffi/openssl.ts';

/** The contexts of one version of a server's credentials, found by server name. */
export class Contexts implements Disposable {
  /** undefined: known to be somebody else's. */
  readonly #byName = new Map<string, TlsServerContext | undefined>();
  readonly #byDigest = new Map<string, TlsServerContext>();
  readonly #ticketKeys: Uint8Array;

  /** Takes over from `before` what has not changed, so that its session tickets stay good, unless their keys have. @throws OpenSslError; `before` is then as it was. */
  constructor(
    credentials: ReadonlyMap<string, TlsCredentials | 'hand-over'>,
    ticketKeys: Uint8Array,
    before?: Contexts,
  ) {
    this.#ticketKeys = ticketKeys;
    const known =
      before !== undefined && equalBytes(before.#ticketKeys, ticketKeys) ? before.#byDigest : undefined;
    const made: TlsServerContext[] = [];
    try {
      for (const [name, theirs] of credentials) {
        if (theirs === 'hand-over') {
          this.#byName.set(name, undefined);
          continue;
        }
        const digest = digestOf(theirs);
        let context = this.#byDigest.get(digest) ?? known?.get(digest);
        if (context === undefined) {
          const sessionIdContext = Buffer.from(digest, 'hex');
          context = createTlsServerContext({ credentials: theirs, ticketKeys, sessionIdContext });
          made.push(context);
        }
        this.#byDigest.set(digest, context);
        this.#byName.set(name, context);
      }
    } catch (error) {
      for (const context of made) context[Symbol.dispose]();
      throw error;
    }
    if (before === undefined) return;
    for (const [digest, context] of before.#byDigest)
      if (this.#byDigest.get(digest) !== context) context[Symbol.dispose]();
  }

  find(serverName: string | undefined): TlsServerContext | undefined {
    const pattern = patternsFor(serverName).find(name => this.#byName.has(name));
    return pattern === undefined ? undefined : this.#byName.get(pattern);
  }

  [Symbol.dispose](): void {
    for (const context of this.#byDigest.values()) context[Symbol.dispose]();
  }
}

function digestOf({ certificateChainPem, privateKeyPem }: TlsCredentials): string {
  const hash = createHash('sha256');
  for (const text of [certificateChainPem, privateKeyPem]) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
}
