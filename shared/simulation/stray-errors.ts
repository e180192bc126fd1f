/**
 * Reports what no code looks after: a rejected promise without a handler, an exception thrown from a stream's listener. On a
 * host each ends the process, so in a scenario each is a violation.
 */
export function catchStrayErrors(report: (error: unknown) => void): Disposable {
  process.on('unhandledRejection', report);
  process.on('uncaughtException', report);
  return {
    [Symbol.dispose]() {
      process.off('unhandledRejection', report);
      process.off('uncaughtException', report);
    },
  };
}
