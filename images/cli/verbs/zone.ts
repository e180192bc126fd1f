import { parseArgs } from 'node:util';
import type { Verb } from '../verb.ts';
import { checkZoneFile } from '../zone/check-zone-file.ts';
import { compare } from '../zone/compare.ts';

const USAGE = 'zone check FILE | compare FILE FILE|dns://HOST[:PORT] [--origin NAME]';

export const verb: Verb = {
  summary: `${USAGE}: check the master file of a DNS zone; say what another file or a server has otherwise`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { origin: { type: 'string' } },
    });
    const [action, file, other] = positionals;
    if (action === 'check' && file !== undefined && positionals.length === 2)
      return check(file, values.origin);
    if (action === 'compare' && file !== undefined && other !== undefined && positionals.length === 3)
      return compare(file, other, values.origin);
    console.error(`right is: lares ${USAGE}`);
    return 2;
  },
};

function check(file: string, origin: string | undefined): number {
  const { isRight, lines } = checkZoneFile(file, origin);
  for (const line of lines) (isRight ? console.log : console.error)(line);
  return isRight ? 0 : 1;
}
