/**
 * Everything the pure layers (`base`, `devices`, `protocols`) may use beyond the language itself. They compile
 * with `types: []`, so what is not declared here does not exist for them: no sockets, clocks, timers or randomness.
 */

interface Event {
  readonly type: string;
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: (event: Event) => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: (event: Event) => void): void;
}

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}
declare class URL {
  constructor(url: string, base?: string);
  readonly href: string;
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly origin: string;
}

/** The part of a Node stream that protocols and devices speak of. */
declare module 'node:stream' {
  export interface Duplex extends AsyncIterable<Uint8Array>, AsyncDisposable {
    readonly destroyed: boolean;
    readonly writableNeedDrain: boolean;
    write(chunk: Uint8Array, callback?: (error?: Error | null) => void): boolean;
    end(chunk?: Uint8Array): this;
    destroy(error?: Error): this;
    pause(): this;
    resume(): this;
    unshift(chunk: Uint8Array): void;
    on(event: string, listener: (...values: never[]) => void): this;
    once(event: string, listener: (...values: never[]) => void): this;
    off(event: string, listener: (...values: never[]) => void): this;
  }
}

/** The deterministic part of node:crypto: the same input gives the same output on every call. */
declare module 'node:crypto' {
  interface Hash {
    update(data: Uint8Array | string): Hash;
    copy(): Hash;
    digest(): Uint8Array<ArrayBuffer>;
    digest(encoding: 'hex' | 'base64' | 'base64url'): string;
  }
  interface Hmac {
    update(data: Uint8Array | string): Hmac;
    digest(): Uint8Array<ArrayBuffer>;
    digest(encoding: 'hex' | 'base64' | 'base64url'): string;
  }
  export interface KeyObject {
    readonly type: 'secret' | 'public' | 'private';
    readonly asymmetricKeyType?: string;
    export(options: { format: 'jwk' }): Record<string, unknown>;
    export(options: { format: 'der'; type: 'spki' | 'pkcs8' }): Uint8Array<ArrayBuffer>;
  }
  export function createHash(algorithm: string): Hash;
  export function createHmac(algorithm: string, key: Uint8Array | string): Hmac;
  export function timingSafeEqual(left: Uint8Array, right: Uint8Array): boolean;
  export function hkdfSync(
    digest: string,
    key: Uint8Array,
    salt: Uint8Array,
    info: Uint8Array | string,
    keyLengthBytes: number,
  ): ArrayBuffer;
  export function createPublicKey(
    key:
      | string
      | { key: Uint8Array; format: 'der'; type: 'spki' }
      | { key: Record<string, unknown>; format: 'jwk' },
  ): KeyObject;
  export function verify(
    algorithm: string | null | undefined,
    data: Uint8Array,
    key: KeyObject | { key: KeyObject; dsaEncoding: 'ieee-p1363' | 'der' },
    signature: Uint8Array,
  ): boolean;
}
