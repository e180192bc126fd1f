/**
 * One turn of Node's loop: resolves when every promise callback and `process.nextTick` that is ready, and all that
 * those make ready, has run. It is the only place where the simulator touches the real event loop. Real time does not matter
 * to it: simulated code waits for nothing but virtual events, so after the turn it is at rest, however long that took.
 */
export function turn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve);
  });
}
