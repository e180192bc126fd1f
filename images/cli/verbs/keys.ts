import { parseArgs } from 'node:util';
import { publicOperator, type OperatorKeys } from '../../../shared/components/operator-keys/operator-file.ts';
import { formatOperator } from '../../../shared/components/operator-keys/operator.ts';
import { createOperator, operatorFilePath, requireOperator } from '../operator/operator-store.ts';
import type { Verb } from '../verb.ts';
import { createTsigKey } from '../zone/create-tsig-key.ts';

const USAGE = 'keys create [--name NAME] | show | tsig NAME [--secrets FOLDER]';

export const verb: Verb = {
  summary: `${USAGE}: the keys that let you into your appliances; a key that two of them share`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { name: { type: 'string' }, secrets: { type: 'string', default: 'secrets' } },
    });
    const [action, argument] = positionals;
    if (action === 'create') {
      const keys = await createOperator(values.name);
      console.error(`Made ${await operatorFilePath()}. It is the only copy: keep another in a safe place.`);
      return show(keys);
    }
    if (action === 'show') return show(await requireOperator());
    if (action === 'tsig' && argument !== undefined) return createTsigKey(argument, values.secrets);
    console.error(`right is: lares ${USAGE}`);
    return 2;
  },
};

/** The public line alone goes to standard output, so that it can be taken from there. */
function show(keys: OperatorKeys): number {
  console.error('For the configuration of an appliance, under [operator], as an element of keys = [ … ]:');
  console.log(JSON.stringify(formatOperator(publicOperator(keys))));
  return 0;
}
