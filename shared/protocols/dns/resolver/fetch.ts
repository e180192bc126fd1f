import type { Endpoint } from '../../../devices/tcp.ts';
import type { Name } from '../name.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';
import type { Fault } from './fault.ts';
import type { Query } from './query.ts';
import type { Zone } from './zone.ts';

/** What is to be asked of the servers of a zone. */
export interface Wanted {
  readonly key: string;
  readonly zone: Zone;
  readonly name: Name;
  readonly type: number;
  readonly servers: readonly Endpoint[];
}

/** That it is being asked, of one server after the other, until one of them gives an answer. */
export interface Fetch extends Omit<Wanted, 'servers'> {
  servers: readonly Endpoint[];
  /** By `serverKey`: how often it was asked; infinite for those that will not be asked again. */
  readonly tries: Map<string, number>;
  sends: number;
  query: Query | undefined;
  /** Every server that is known has been asked; others may be found. */
  isStarved: boolean;
  /** What the last server did wrong. */
  fault: Fault;
}

export function fetchKey(zone: Zone, name: Name, type: number): string {
  return `${type} ${canonicalKey(name)} ${canonicalKey(zone.delegation.apex)}`;
}
