import { encodeUtf8 } from '../../base/bytes.ts';

/** RFC 5424 §6.2.1. */
export type SyslogFacility = 'daemon' | `local${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`;
export type SyslogSeverity = 'error' | 'warning' | 'informational' | 'debug';

const FACILITY_CODES: Readonly<Record<SyslogFacility, number>> = {
  daemon: 3,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};
const SEVERITY_CODES: Readonly<Record<SyslogSeverity, number>> = {
  error: 3,
  warning: 4,
  informational: 6,
  debug: 7,
};

export interface SyslogMessage {
  readonly facility: SyslogFacility;
  readonly severity: SyslogSeverity;
  /** RFC 3339 with at most six digits of a second, or undefined where the clock is not known. */
  readonly timestamp: string | undefined;
  readonly hostname: string;
  readonly appName: string;
  readonly processId: string;
  /** What kind of event it is. */
  readonly messageId: string;
  /** The parameters of our one structured-data element. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

// DEVIATES from RFC 5424 §7.2.2: the number after @ should be one's own enterprise number; Lares has none and uses 32473, which
// RFC 5612 §2 sets aside for examples, so that no vendor's element is hit.
const STRUCTURED_DATA_ID = 'lares@32473';

// RFC 5424 §6: the longest that each header field may be, in characters.
const HOSTNAME_MAX = 255;
const APP_NAME_MAX = 48;
const PROCESS_ID_MAX = 128;
const MESSAGE_ID_MAX = 32;
const PARAMETER_NAME_MAX = 32;

/** RFC 5424 §6.1: every receiver SHOULD take 2048 octets. */
export const SYSLOG_MESSAGE_MAX_BYTES = 2_048;

/** The message as octets, cut at a character where it is longer than {@link SYSLOG_MESSAGE_MAX_BYTES}. */
export function encodeSyslogMessage(message: SyslogMessage): Uint8Array<ArrayBuffer> {
  const priority = FACILITY_CODES[message.facility] * 8 + SEVERITY_CODES[message.severity];
  const header = [
    `<${priority}>1`,
    message.timestamp ?? '-',
    headerField(message.hostname, HOSTNAME_MAX),
    headerField(message.appName, APP_NAME_MAX),
    headerField(message.processId, PROCESS_ID_MAX),
    headerField(message.messageId, MESSAGE_ID_MAX),
  ].join(' ');
  const whole = encodeUtf8(`${header} ${structuredData(message.parameters)} ${text(message.text)}`);
  if (whole.length <= SYSLOG_MESSAGE_MAX_BYTES) return whole;
  // A structured-data element must not be cut in two: without it the text has room, and it tells the most.
  return cutUtf8(encodeUtf8(`${header} - ${text(message.text)}`), SYSLOG_MESSAGE_MAX_BYTES);
}

/** RFC 6587 §3.4.1 and RFC 5425 §4.3: octet counting, `MSG-LEN SP SYSLOG-MSG`. */
export function frameSyslogMessage(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = encodeUtf8(`${message.length} `);
  const frame = new Uint8Array(length.length + message.length);
  frame.set(length);
  frame.set(message, length.length);
  return frame;
}

/** RFC 5424 §6: PRINTUSASCII without spaces; what is empty is the NILVALUE. */
function headerField(value: string, maxCharacters: number): string {
  return value.replace(/[^\x21-\x7e]/g, '_').slice(0, maxCharacters) || '-';
}

function structuredData(parameters: SyslogMessage['parameters']): string {
  if (parameters.length === 0) return '-';
  return `[${STRUCTURED_DATA_ID}${parameters.map(([name, value]) => ` ${parameterName(name)}="${escape(value)}"`).join('')}]`;
}

/** RFC 5424 §6.3.3: an SD-NAME has no '=', ']', '"' and no space. */
function parameterName(name: string): string {
  return name.replace(/[^\x21-\x7e]|[=\]"]/g, '_').slice(0, PARAMETER_NAME_MAX) || '_';
}

/** RFC 5424 §6.3.3: '"', '\' and ']' MUST be escaped; control characters (§8.2) are made visible. */
function escape(value: string): string {
  return visible(value).replace(/["\\\]]/g, '\\$&');
}

/** RFC 5424 §6.4: text in UTF-8 MUST begin with the byte order mark; pure ASCII needs none. */
function text(message: string): string {
  const line = visible(message);
  return /^[\x20-\x7e]*$/.test(line) ? line : `\ufeff${line}`;
}

/** RFC 5424 §8.2: control characters may be altered: they could forge lines at the receiver. */
function visible(value: string): string {
  return value.replace(
    /[\x00-\x1f\x7f]/g,
    control => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function cutUtf8(bytes: Uint8Array<ArrayBuffer>, maxBytes: number): Uint8Array<ArrayBuffer> {
  let end = Math.min(maxBytes, bytes.length);
  // Back to the start of a character: RFC 3629 §3: continuation octets are 10xxxxxx.
  while (end < bytes.length && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.slice(0, end);
}
