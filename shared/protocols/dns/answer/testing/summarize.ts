import { decodeMessage, FLAG, formatRcode, TYPE, type Message } from '../../message.ts';
import { optionsOf } from './ask.ts';

const RESERVED = 0x0040;
const FLAGS = { ...FLAG, QR: 0, Z: RESERVED };

/** The reply in a line: rcode, flags, how many questions and answers, version, flags and options of EDNS. */
export function summarize(reply: Uint8Array | string | undefined): string {
  if (reply === undefined) return 'silence';
  if (typeof reply === 'string') return reply;
  const decoded = decodeMessage(reply);
  if (!decoded.ok) return `unreadable: ${decoded.error}`;
  const message = decoded.value;
  const flags = Object.entries(FLAGS).flatMap(([flag, bit]) =>
    (message.flags & bit) === 0 ? [] : [flag.toLowerCase()],
  );
  const counts = [`q${message.questions.length}`, `an${message.answers.length}`];
  return [formatRcode(message.rcode), ...flags, ...counts, ...edns(message)].join(' ');
}

function edns(message: Message): string[] {
  const opt = message.additionals.find(({ type }) => type === TYPE.OPT);
  if (opt === undefined) return [];
  const { ttlSeconds } = opt;
  const unknown = ttlSeconds & 0x7fff;
  return [
    `edns${(ttlSeconds >>> 16) & 0xff}`,
    ...((ttlSeconds & 0x8000) === 0 ? [] : ['do']),
    ...(unknown === 0 ? [] : [`flags ${unknown}`]),
    ...[...(optionsOf(message)?.keys() ?? [])].map(code => `option${code}`),
  ];
}
