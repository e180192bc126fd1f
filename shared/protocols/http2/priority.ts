/** How a response is to be sent beside others (RFC 9218 §4). */
export interface Priority {
  /** 0, before all others, to 7. */
  readonly urgency: number;
  /** Whether a part of it is of use: then it shares the bandwidth with its like. */
  readonly incremental: boolean;
}

/** RFC 9218 §4: what holds where nothing is said. */
export const DEFAULT_PRIORITY: Priority = { urgency: 3, incremental: false };

const URGENCY_MAX = 7;

/** Two parameters of a few characters; the rest is room for extensions. */
const VALUE_MAX_LENGTH = 256;

// RFC 8941 §3: a dictionary of items and inner lists, each with parameters.
const KEY = '[a-z*][a-z0-9_.*-]*';
const BARE_ITEM =
  '(?:-?\\d{1,15}(?:\\.\\d{1,3})?|"(?:[ !#-[\\]-~]|\\\\["\\\\])*"|[A-Za-z*][!#$%&\'*+.^_`|~:/\\w-]*|:[A-Za-z0-9+/=]*:|\\?[01])';
const PARAMETERS = `(?:; *${KEY}(?:=${BARE_ITEM})?)*`;
const INNER_LIST = `\\( *(?:${BARE_ITEM}${PARAMETERS}(?: +${BARE_ITEM}${PARAMETERS})* *)?\\)`;
const MEMBER = new RegExp(`(${KEY})(?:=(${BARE_ITEM}|${INNER_LIST}))?${PARAMETERS}`, 'y');
const COMMA = /[ \t]*,[ \t]*/y;

/** The value of a `priority` field, or of a PRIORITY_UPDATE frame. What it does not say, or says wrongly, has its default. */
export function parsePriority(value: string): Priority {
  const members = parseMembers(value);
  if (members === undefined) return DEFAULT_PRIORITY;
  // RFC 9218 §4: what is out of range or of another type is ignored, and so are other parameters.
  const urgency = members.get('u') ?? '';
  const inRange = /^-?\d+$/.test(urgency) && Number(urgency) >= 0 && Number(urgency) <= URGENCY_MAX;
  return {
    urgency: inRange ? Number(urgency) : DEFAULT_PRIORITY.urgency,
    incremental: members.get('i') === '?1',
  };
}

/** Keys and values as they stand; undefined where it is no dictionary. RFC 8941 §3.2: of two with the same key the last one counts. */
function parseMembers(value: string): Map<string, string> | undefined {
  const text = value.replace(/^ +| +$/g, '');
  if (text.length > VALUE_MAX_LENGTH) return undefined;
  const members = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    MEMBER.lastIndex = at;
    const member = MEMBER.exec(text);
    if (member === null) return undefined;
    // RFC 8941 §3.2: a key alone is true.
    members.set(member[1] as string, member[2] ?? '?1');
    if (MEMBER.lastIndex === text.length) break;
    COMMA.lastIndex = MEMBER.lastIndex;
    // RFC 8941 §4.2.2: a comma at the end is an error.
    if (!COMMA.test(text) || COMMA.lastIndex === text.length) return undefined;
    at = COMMA.lastIndex;
  }
  return members;
}
