import { encodeUtf8, viewOf } from '../../base/bytes.ts';
import { encodeMessage, headerFlags } from './encode-message.ts';
import { CLASS_IN, FLAG, OPCODE, TYPE, type Message } from './message.ts';
import { decodeName, equalNames, type Name } from './name.ts';
import { DSYNC_SCHEMES } from './record-types/mnemonic-values.ts';

/** Where a parent wants to hear of a child's new records. */
export interface NotifyTarget {
  readonly target: Name;
  readonly port: number;
}

/**
 * The names at which `parent` may have DSYNC records for its child, in the order to ask: those for this child alone, then those for all
 * (RFC 9859 §4.1).
 */
export function dsyncNames(child: Name, parent: Name): readonly Name[] {
  const all: Name = [encodeUtf8('_dsync'), ...parent];
  return [[...child.slice(0, child.length - parent.length), ...all], all];
}

/** TYPE, scheme and port: RFC 9859 §2.1. */
const FIXED_BYTES = 5;

/** The targets of an answer's DSYNC records at `name` for notifications of `type`. Other schemes are passed over, and what is malformed. */
export function notifyTargets({ bytes, answers }: Message, name: Name, type: number): NotifyTarget[] {
  const view = viewOf(bytes);
  return answers.flatMap(record => {
    const { dataStart, dataEnd } = record;
    if (record.type !== TYPE.DSYNC || !equalNames(record.name, name)) return [];
    if (dataEnd - dataStart <= FIXED_BYTES) return [];
    if (view.getUint16(dataStart) !== type || bytes[dataStart + 2] !== DSYNC_SCHEMES['NOTIFY']) return [];
    const target = decodeName(bytes, dataStart + FIXED_BYTES);
    return target.ok ? [{ target: target.value.name, port: view.getUint16(dataStart + 3) }] : [];
  });
}

/** Tells a parent that the child's records of `type` are others now: RFC 9859 §4.2. */
export function encodeGeneralizedNotify(id: number, child: Name, type: number): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    id,
    // RFC 1996 §3.5: as a notification of a zone's SOA has it.
    flags: headerFlags(OPCODE.NOTIFY, FLAG.AA),
    questions: [{ name: child, type, class: CLASS_IN }],
  });
}
