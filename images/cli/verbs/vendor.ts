import { createProgress } from '../../build/progress.ts';
import { fillCache } from '../../build/vendor.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'fills the cache with all that builds need, so that they work without a network',
  async run() {
    await fillCache(createProgress());
    return 0;
  },
};
