import { DeviceError } from '../../devices/device-error.ts';

/** Lets at most `width` pieces of work run at once, the others wait in the order they came. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A gate of that width; width 1 is a lock. More than `waitingMax` waiting calls are refused with DeviceError `busy`,
 * which names `what`.
 */
export function createGate(width: number, waitingMax: number, what: string): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < width) {
      running++;
      return;
    }
    if (waiting.length >= waitingMax)
      throw new DeviceError('busy', `${what}: ${waitingMax} calls are waiting already`);
    // The one that leaves hands its place on, so `running` stays as it is.
    await new Promise<void>(resolve => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }

  return async work => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}

/** Runs work for one name in the order of the calls and work for different names side by side. */
export type Lanes = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export function createLanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>();
  return <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(name);
    const result = before === undefined ? work() : before.then(work, work);
    tails.set(name, result);
    const forget = (): void => {
      if (tails.get(name) === result) tails.delete(name);
    };
    result.then(forget, forget);
    return result;
  };
}
