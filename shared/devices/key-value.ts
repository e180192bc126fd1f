/**
 * Durable small objects: certificates, keys, state. Keys are 1 to 200 characters of `A-Za-z0-9._-` and `/` between
 * non-empty parts, none of which starts with a dot; values are at most {@link VALUE_MAX_BYTES}. Other keys fail an assertion.
 * Calls may run side by side; calls for one key take effect in the order made.
 */
export interface KeyValue {
  /** The value last put, as the caller's own copy, or undefined. @throws DeviceError `corrupt` naming the key. */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /**
   * Stores all of `value` or nothing. When it resolves, the value survives a power cut; when it throws, or power goes
   * before it resolves, the old value or the new one is there, whole. `value` may be reused afterwards.
   * @throws DeviceError `no-space`, `too-large`, `failed`.
   */
  put(key: string, value: Uint8Array): Promise<void>;

  /** Removes the key, durably; an absent key is fine. */
  delete(key: string): Promise<void>;

  /** All keys that start with `prefix`, in code-unit order. */
  list(prefix: string): Promise<string[]>;

  /** Every key and value as of one moment, while the store goes on being used. */
  snapshot(): AsyncIterable<readonly [key: string, value: Uint8Array<ArrayBuffer>]>;
}

/** A certificate chain is under 20 KB; a megabyte leaves room and keeps a value in one write. */
export const VALUE_MAX_BYTES: number = 1024 * 1024;
