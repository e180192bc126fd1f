import { buildKernel } from '../../kernel/build.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary:
    "compiles the kernel from Debian's newest source (--pinned: from the one in the lock) into images/prebuilt",
  async run(args) {
    await buildKernel(args.includes('--pinned') ? 'pinned' : 'newest', console.log);
    return 0;
  },
};
