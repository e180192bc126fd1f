import { verifyKernel } from '../../kernel/build.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'rebuilds the committed kernel and answers: same, different, or source no longer on the mirror',
  async run() {
    const verdict = await verifyKernel(console.log);
    console.log(verdict);
    return verdict === 'same' ? 0 : 1;
  },
};
