/**
 * Makes one `flush` serve everybody who asked before it began. A flush that is already running may have begun before
 * the caller's write, so the caller gets the one after it: at most one runs and one waits, however many ask.
 */
export function createSharedFlush(flush: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;

  return () => {
    waiting ??= running
      .catch(() => {})
      .then(() => {
        running = flush();
        waiting = undefined;
        return running;
      });
    return waiting;
  };
}
