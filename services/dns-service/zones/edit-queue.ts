import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import type { Edited } from './kept-zone.ts';
import { CHANGES_WAITING_MAX } from './limits.ts';
import { ZoneError } from './zone-error.ts';

interface Waiting {
  /** Makes the edit; undefined where it leaves the zone as it is. What it throws is for the one who asked. */
  run(content: Zone): Zone | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

/** Gathers edits that wait, so that they cost one version. */
export class EditQueue {
  readonly #commit: (edit: (content: Zone) => Zone) => Promise<void>;
  #waiting: Waiting[] = [];

  /** `commit` calls what it is given when the zone's turn has come, and resolves when what that made is served. */
  constructor(commit: (edit: (content: Zone) => Zone) => Promise<void>) {
    this.#commit = commit;
  }

  add<R>(edit: (content: Zone) => Edited<R>): Promise<R> {
    if (this.#waiting.length >= CHANGES_WAITING_MAX)
      return Promise.reject(new ZoneError(`${CHANGES_WAITING_MAX} changes of the zone wait already`));
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    let result: R;
    const run = (content: Zone): Zone | undefined => {
      const edited = edit(content);
      ({ result } = edited);
      return edited.next;
    };
    this.#waiting.push({ run, resolve: () => resolve(result), reject });
    if (this.#waiting.length === 1) void this.#commitWaiting();
    return promise;
  }

  async #commitWaiting(): Promise<void> {
    let edited: readonly Waiting[] = [];
    try {
      await this.#commit(content => {
        const waiting = this.#waiting;
        this.#waiting = [];
        let next = content;
        edited = waiting.filter(one => {
          try {
            next = one.run(next) ?? next;
            return true;
          } catch (error) {
            one.reject(error);
            return false;
          }
        });
        return next;
      });
      for (const one of edited) one.resolve();
    } catch (error) {
      for (const one of edited) one.reject(error);
    }
  }
}
