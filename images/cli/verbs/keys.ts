import { parseArgs } from 'node:util';
import { publicOperator, type OperatorKeys } from '../../../shared/components/operator-keys/operator-file.ts';
import { formatOperator } from '../../../shared/components/operator-keys/operator.ts';
import { createOperator, operatorFilePath, requireOperator } from '../operator/operator-store.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'keys create [--name NAME] | show: the keys that let you into your appliances',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { name: { type: 'string' } },
    });
    switch (positionals[0]) {
      case 'create': {
        const keys = await createOperator(values.name);
        console.error(`Made ${await operatorFilePath()}. It is the only copy: keep another in a safe place.`);
        return show(keys);
      }
      case 'show':
        return show(await requireOperator());
      default:
        console.error('lares keys: say `create` or `show`');
        return 2;
    }
  },
};

/** The public line alone goes to standard output, so that it can be taken from there. */
function show(keys: OperatorKeys): number {
  console.error('For the configuration of an appliance, under [operator], as an element of keys = [ … ]:');
  console.log(JSON.stringify(formatOperator(publicOperator(keys))));
  return 0;
}
