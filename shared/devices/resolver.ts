/** Record data by type, as the protocols that ask want it. Names are lower case without the final dot. */
export interface RecordData {
  A: string;
  AAAA: string;
  MX: { readonly preference: number; readonly exchange: string };
  TXT: readonly string[];
  SRV: { readonly priority: number; readonly weight: number; readonly port: number; readonly target: string };
  CAA: { readonly flags: number; readonly tag: string; readonly value: string };
  TLSA: {
    readonly usage: number;
    readonly selector: number;
    readonly matchingType: number;
    readonly data: Uint8Array;
  };
  DS: {
    readonly keyTag: number;
    readonly algorithm: number;
    readonly digestType: number;
    readonly digest: Uint8Array;
  };
  NS: string;
  CNAME: string;
  PTR: string;
}
export type RecordType = keyof RecordData;

export interface Answer<T extends RecordType> {
  /** Empty when the name exists without this type (NODATA) or does not exist (NXDOMAIN). */
  readonly records: readonly RecordData[T][];
  /** Whether the name exists at all. */
  readonly exists: boolean;
  /** Validated by DNSSEC up to a trust anchor. A resolver that cannot validate says false. */
  readonly secure: boolean;
  readonly ttlSeconds: number;
}

export interface Resolver {
  /**
   * Follows CNAMEs and asks for `type` at `name`.
   * @throws DeviceError `name-server-failed` (SERVFAIL, bogus), `timed-out`; the signal's reason when aborted.
   */
  resolve<T extends RecordType>(name: string, type: T, signal?: AbortSignal): Promise<Answer<T>>;
}
