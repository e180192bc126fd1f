import { viewOf } from '../../../../base/bytes.ts';
import { TYPE } from '../../message.ts';
import { decodeName } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import type { Rule } from './rule.ts';
import { nameOf, rrsetAt } from './zone-view.ts';

const BINDING_TYPES: readonly number[] = [TYPE.SVCB, TYPE.HTTPS];

/** RFC 9460 §2.4.1: the priority 0 makes a record an alias; the others describe a service. */
export const serviceBindingsAreOfOneMode: Rule = (node, _zone, report) => {
  for (const type of BINDING_TYPES) {
    const records = rrsetAt(node, type)?.data;
    if (records === undefined) continue;
    const aliases = records.filter(data => viewOf(data).getUint16(0) === 0);
    const what = `${formatType(type)} of ${nameOf(node)}`;
    if (aliases.some(hasParameters))
      report.error(
        node,
        type,
        'RFC 9460 §2.4.2',
        `${what} has parameters in an alias, where all ignore them`,
      );
    if (aliases.length > 1)
      report.warn(
        node,
        type,
        'RFC 9460 §2.4.2',
        `${what} has ${aliases.length} aliases; one is taken by chance`,
      );
    if (aliases.length > 0 && aliases.length < records.length)
      report.warn(
        node,
        type,
        'RFC 9460 §2.4.1',
        `${what} has an alias, so that all ignore the services beside it`,
      );
  }
};

/** Behind priority and target: RFC 9460 §2.2. */
function hasParameters(data: Uint8Array): boolean {
  const target = decodeName(data, 2);
  return target.ok && target.value.end < data.length;
}
