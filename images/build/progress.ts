/** Where a long command shows how far it is: standard error, so that standard output stays for results. */
export interface Progress {
  /** A new step begins: 'bundling'. */
  step(what: string): void;
  /** The step's share that is done, where it can be told. */
  readonly advance: (done: number, all: number) => void;
  finish(message: string): void;
}

const BAR_WIDTH = 30;

/** A bar on a terminal; elsewhere a line for each step. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let current = '';
  const show = (text: string): void => void stream.write(stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  return {
    step(what) {
      current = what;
      show(`lares: ${what} …`);
    },
    advance(done, all) {
      if (!stream.isTTY) return;
      const filled = Math.round((done / all) * BAR_WIDTH);
      show(`lares: ${current} [${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${done}/${all}`);
    },
    finish(message) {
      show(`lares: ${message}`);
      if (stream.isTTY) stream.write('\n');
    },
  };
}

/** Says nothing: for tests. */
export const silentProgress: Progress = { step() {}, advance() {}, finish() {} };
