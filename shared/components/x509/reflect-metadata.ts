/**
 * The four functions of the abandoned metadata proposal that @peculiar/x509 (through tsyringe) wants to find on `Reflect`
 * when it is loaded. Import this module before it. The whole polyfill would be 50 KB in every image.
 */
type Metadata = Map<unknown, unknown>;
const metadata = new WeakMap<object, Metadata>();

function getOwnMetadata(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const own = metadata.get(at);
    if (own?.has(key)) return own.get(key);
  }
  return undefined;
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = metadata.get(target) ?? new Map<unknown, unknown>();
  own.set(key, value);
  metadata.set(target, own);
}

const reflect = Reflect as typeof Reflect & { getMetadata?: unknown };
if (reflect.getMetadata === undefined)
  Object.assign(reflect, {
    getOwnMetadata,
    getMetadata,
    defineMetadata,
    metadata: (key: unknown, value: unknown) => (target: object) => defineMetadata(key, value, target),
  });
