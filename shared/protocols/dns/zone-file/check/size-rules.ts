import { HEADER_BYTES } from '../../message.ts';
import { nameBytes, NAME_MAX_BYTES } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import type { Rule } from './rule.ts';
import { nameOf } from './zone-view.ts';

/** RFC 1035 §4.2.2: the length of a message has 16 bits. */
const MESSAGE_MAX_BYTES = 65_535;
/** Type and class of the question, behind its name. */
const QUESTION_BYTES = 4;
/** A pointer to the question's name, type, class, TTL and length: RFC 1035 §4.1.3 and §4.1.4. */
const RECORD_BYTES = 12;

/** What every RRset has, whatever its owner. */
const LEAST_ROOM = MESSAGE_MAX_BYTES - HEADER_BYTES - NAME_MAX_BYTES - QUESTION_BYTES;

/** An RRset that fits no message is never answered with. */
export const rrsetsFitMessages: Rule = (node, _zone, report) => {
  for (const { type, data } of node.rrsets) {
    let bytes = 0;
    for (const one of data) bytes += RECORD_BYTES + one.length;
    if (bytes <= LEAST_ROOM) continue;
    const room = LEAST_ROOM + NAME_MAX_BYTES - nameBytes(node.owner);
    if (bytes > room)
      report.error(
        node,
        type,
        'RFC 1035 §4.2.2',
        `the ${data.length} ${formatType(type)} records of ${nameOf(node)} are ${bytes} bytes; ${room} fit an answer`,
      );
  }
};
