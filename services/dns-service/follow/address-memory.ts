import { decodeUtf8, encodeUtf8 } from '../../../shared/base/bytes.ts';
import type { KeyValue } from '../../../shared/devices/key-value.ts';
import type { Family, Source } from '../../../shared/protocols/home-address/addresses.ts';
import { placeOf } from '../zones/place.ts';

/** What the records of a name do not say of themselves. */
export interface Remembered {
  readonly address: string;
  readonly source: Source | undefined;
  /** Wall time. */
  readonly sinceMs: number;
}

export type AddressMemory = { readonly [F in Family]?: Remembered | undefined };

/** Nothing is remembered where that cannot be read: then it begins anew. */
export async function recall(name: string, keyValue: KeyValue): Promise<AddressMemory> {
  const kept = await keyValue.get(keyOf(name));
  try {
    return kept === undefined ? {} : (JSON.parse(decodeUtf8(kept)) as AddressMemory);
  } catch {
    return {};
  }
}

export async function remember(name: string, memory: AddressMemory, keyValue: KeyValue): Promise<void> {
  await keyValue.put(keyOf(name), encodeUtf8(JSON.stringify(memory)));
}

function keyOf(name: string): string {
  return `dns-service/followed-${placeOf(name)}`;
}
