import { updatePrebuilt } from '../../prebuilt/update.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'takes libraries, boot loader and data template anew from Debian into images/prebuilt',
  async run() {
    await updatePrebuilt(console.log);
    return 0;
  },
};
