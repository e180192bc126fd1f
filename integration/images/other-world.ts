/**
 * Imported first by the second build of reproducible.test.ts: another umask and another clock. The clock stands 400 days
 * off and runs at another pace, so that no time can get into an image unseen.
 */
process.umask(0o077);

const RealDate = Date;
const start = RealDate.now();
const OFF_MS = 400 * 24 * 60 * 60 * 1000;

function otherNow(): number {
  return start + OFF_MS + (RealDate.now() - start) * 3;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: []) => (args.length === 0 ? new target(otherNow()) : new target(...args)),
  apply: () => new RealDate(otherNow()).toString(),
  get: (target, key, receiver) =>
    key === 'now' ? otherNow : (Reflect.get(target, key, receiver) as unknown),
});
