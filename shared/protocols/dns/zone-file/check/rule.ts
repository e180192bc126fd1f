import type { FaultList, Place } from '../fault.ts';
import type { ZoneNode, ZoneView } from './zone-view.ts';

/** Looks at one name of a zone. */
export type Rule = (node: ZoneNode, zone: ZoneView, report: Report) => void;

/** Faults of a zone, told at the first record of the RRset that has them. */
export class Report {
  readonly #faults: FaultList;
  readonly #placeOf: (rrset: number) => Place;

  constructor(faults: FaultList, placeOf: (rrset: number) => Place) {
    this.#faults = faults;
    this.#placeOf = placeOf;
  }

  error(at: ZoneNode, type: number, rule: string, message: string): void {
    this.#faults.error(this.#place(at, type), rule, message);
  }

  warn(at: ZoneNode, type: number, rule: string, message: string): void {
    this.#faults.warn(this.#place(at, type), rule, message);
  }

  #place({ rrsets, first }: ZoneNode, type: number): Place {
    return this.#placeOf(
      first +
        Math.max(
          0,
          rrsets.findIndex(rrset => rrset.type === type),
        ),
    );
  }
}
