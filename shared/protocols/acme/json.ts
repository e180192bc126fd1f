/** Reading what a peer sent as JSON: every field may be absent or of another type. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readString(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}

export function readArray(object: JsonObject, key: string): readonly unknown[] {
  const value = object[key];
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** An absolute https URL: RFC 8555 §6.1 has ACME over HTTPS alone. */
export function readUrl(object: JsonObject, key: string): string | undefined {
  return asUrl(object[key]);
}

export function readUrls(object: JsonObject, key: string): string[] {
  return readArray(object, key).flatMap(value => asUrl(value) ?? []);
}

export function asUrl(value: unknown): string | undefined {
  return typeof value === 'string' && /^https:\/\/[^\s]{1,2000}$/.test(value) ? value : undefined;
}
