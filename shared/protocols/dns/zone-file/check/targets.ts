import { TYPE } from '../../message.ts';
import { decodeName, type Name } from '../../name.ts';
import { rrsetAt, type ZoneNode } from './zone-view.ts';

/** Types whose records name a host, and where in their data: RFC 1035 §3.3, RFC 2782. */
const TARGET_OFFSET: ReadonlyMap<number, number> = new Map([
  [TYPE.NS, 0],
  [TYPE.SOA, 0],
  [TYPE.MX, 2],
  [TYPE.SRV, 6],
]);

export const TARGET_TYPES: readonly number[] = [...TARGET_OFFSET.keys()];

/** The hosts that the node's records of a type name. RFC 7505 §3, RFC 2782: the root's name says that there is none. */
export function targetsOf(node: ZoneNode, type: number): Name[] {
  const offset = TARGET_OFFSET.get(type);
  const data = rrsetAt(node, type)?.data ?? [];
  if (offset === undefined) return [];
  return data.flatMap(one => {
    const decoded = decodeName(one, offset);
    return decoded.ok && decoded.value.name.length > 0 ? [decoded.value.name] : [];
  });
}
