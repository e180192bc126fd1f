import { ok, err, type Result } from '../../base/result.ts';
import { attachTsig, findTsig, followingMacOf, macOf, unsignedData, type TsigKey } from './tsig-mac.ts';
import { signMessage, verifyMessage, type Signed, type TsigFault } from './tsig.ts';

/** RFC 8945 §5.3.1: up to 99 messages in a row may come without a signature; the first and the last have one. */
const UNSIGNED_MAX = 99;

/** Signs each message of an answer that has several: RFC 8945 §5.3.1. */
export class TsigStreamSigner {
  readonly #key: TsigKey;
  #mac: Uint8Array;
  #isFirst = true;

  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.#key = key;
    this.#mac = requestMac;
  }

  sign(message: Uint8Array, nowMs: number): Uint8Array<ArrayBuffer> {
    const { bytes, mac } = this.#isFirst
      ? signMessage(message, this.#key, nowMs, this.#mac)
      : this.#signFollowing(message, nowMs);
    this.#isFirst = false;
    this.#mac = mac;
    return bytes;
  }

  #signFollowing(message: Uint8Array, nowMs: number): Signed {
    const unsigned = unsignedData(message, this.#key.algorithm, nowMs);
    const mac = followingMacOf([message], this.#key, unsigned, this.#mac);
    return { bytes: attachTsig(message, this.#key.name, { ...unsigned, mac }), mac };
  }
}

/** Verifies an answer of several messages, of which not all need to be signed. */
export class TsigStreamVerifier {
  readonly #key: TsigKey;
  #mac: Uint8Array;
  #isFirst = true;
  #unsigned: Uint8Array[] = [];

  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.#key = key;
    this.#mac = requestMac;
  }

  /** Whether all that came is vouched for: it must be so at the end. */
  get isSettled(): boolean {
    return !this.#isFirst && this.#unsigned.length === 0;
  }

  /** The message as it was before it was signed. It is to be believed once {@link isSettled}. */
  take(bytes: Uint8Array, nowMs: number): Result<Uint8Array, TsigFault> {
    const found = findTsig(bytes);
    if (!found.ok && found.error === 'unsigned' && !this.#isFirst) return this.#takeUnsigned(bytes);
    const verified = verifyMessage(bytes, this.#key, nowMs, (message, data) =>
      this.#isFirst
        ? macOf(message, this.#key, data, this.#mac)
        : followingMacOf([...this.#unsigned, message], this.#key, data, this.#mac),
    );
    if (!verified.ok) return verified;
    this.#isFirst = false;
    this.#unsigned = [];
    this.#mac = verified.value.mac;
    return ok(verified.value.message);
  }

  #takeUnsigned(bytes: Uint8Array): Result<Uint8Array, TsigFault> {
    if (this.#unsigned.length === UNSIGNED_MAX) return err({ error: 'unsigned', fromPeer: false });
    this.#unsigned.push(bytes);
    return ok(bytes);
  }
}
