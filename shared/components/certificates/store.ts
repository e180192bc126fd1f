import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { KeyValue } from '../../devices/key-value.ts';
import type { Log } from '../../devices/log.ts';
import type { Ledger } from '../../protocols/acme/limits.ts';
import type { OrderMemory } from '../../protocols/acme/order-run.ts';
import type { RenewalState } from '../../protocols/acme/renewal.ts';
import type { Issued } from './issued.ts';

/** An account with an authority. */
export interface StoredAccount {
  readonly directoryUrl: string;
  readonly privateKeyPem: string;
  readonly accountUrl?: string;
}

/** An order under way: its key is there before the order is, so that whatever comes of it can be used. */
export interface StoredOrder {
  readonly directoryUrl: string;
  readonly names: readonly string[];
  readonly privateKeyPem: string;
  readonly memory: OrderMemory;
}

/** The pauses in it are by place in the list of authorities: these are the ids in that list, as it was. */
export interface StoredRenewal extends RenewalState {
  readonly authorityIds: readonly string[];
}

/** One durable value; writing what is there already writes nothing. */
export interface Slot<T> {
  load(): Promise<T | undefined>;
  save(value: T): Promise<void>;
  clear(): Promise<void>;
}

/** Everything that is kept about certificates, each under a key of its own. `id` is of a set of names or of an authority. */
export interface CertificateStore {
  issued(id: string): Slot<Issued>;
  renewal(id: string): Slot<StoredRenewal>;
  order(id: string, authorityId: string): Slot<StoredOrder>;
  account(authorityId: string): Slot<StoredAccount>;
  ledger(authorityId: string): Slot<Ledger>;
  /** The ids of all sets of names that have an issued certificate, also such as nobody wants any more. */
  listIssued(): Promise<string[]>;
}

const FOLDER = 'certificates';

export function createCertificateStore(devices: {
  readonly keyValue: KeyValue;
  readonly log: Pick<Log, 'warn'>;
}): CertificateStore {
  const slot = <T>(name: string): Slot<T> => createSlot<T>(`${FOLDER}/${name}`, devices);
  return {
    issued: id => slot(`issued-${id}`),
    renewal: id => slot(`renewal-${id}`),
    order: (id, authorityId) => slot(`order-${id}-${authorityId}`),
    account: id => slot(`account-${id}`),
    ledger: id => slot(`ledger-${id}`),
    async listIssued() {
      const prefix = `${FOLDER}/issued-`;
      return (await devices.keyValue.list(prefix)).map(key => key.slice(prefix.length));
    },
  };
}

/** The value under that key as JSON; what is damaged there is told of and taken for missing. */
export function createSlot<T>(
  key: string,
  { keyValue, log }: { readonly keyValue: KeyValue; readonly log: Pick<Log, 'warn'> },
): Slot<T> {
  let written: string | undefined;
  return {
    async load() {
      try {
        const bytes = await keyValue.get(key);
        if (bytes === undefined) return undefined;
        written = decodeUtf8(bytes);
        return JSON.parse(written) as T;
      } catch (error) {
        // What cannot be read is made anew: a certificate can be asked for again, an account's key leads to a new account.
        if (!(error instanceof SyntaxError) && !(error instanceof DeviceError && error.kind === 'corrupt'))
          throw error;
        log.warn({ record: key, reason: error.message }, 'what was kept about a certificate cannot be read');
        return undefined;
      }
    },
    async save(value) {
      const text = JSON.stringify(value);
      if (text === written) return;
      await keyValue.put(key, encodeUtf8(text));
      written = text;
    },
    async clear() {
      await keyValue.delete(key);
      written = undefined;
    },
  };
}
