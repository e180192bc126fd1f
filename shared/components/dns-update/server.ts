import { viewOf } from '../../base/bytes.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Random } from '../../devices/random.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import { encodeMessage, headerFlags, type RecordToEncode } from '../../protocols/dns/encode-message.ts';
import {
  decodeMessage,
  formatRcode,
  OPCODE,
  RCODE,
  type Message,
  type Question,
} from '../../protocols/dns/message.ts';
import { formatName, type Name } from '../../protocols/dns/name.ts';
import { formatType } from '../../protocols/dns/record-types/mnemonics.ts';
import { answersQuery } from '../../protocols/dns/stub-answer.ts';
import type { TsigKey } from '../../protocols/dns/tsig-mac.ts';
import { signMessage, verifyResponse } from '../../protocols/dns/tsig.ts';
import { encodeUpdate } from '../../protocols/dns/update.ts';
import { DnsUpdateError, notSignedRight, updateRefused } from './dns-update-error.ts';
import { exchange, formatServer, type ExchangeDevices } from './exchange.ts';

export type ServerDevices = ExchangeDevices & { readonly random: Random };

/** What an authoritative server says to a question, without asking others. @throws DnsUpdateError; the signal's reason. */
export async function query(
  server: Endpoint,
  question: Question,
  devices: ServerDevices,
  signal?: AbortSignal,
): Promise<Message> {
  const id = freshId(devices.random);
  const request = encodeMessage({ id, flags: headerFlags(OPCODE.QUERY, 0), questions: [question] });
  const message = await send(server, request, devices, signal);
  if (answersQuery(message, id, question)) return message;
  throw new DnsUpdateError(
    `${formatServer(server)} answers (${formatRcode(message.rcode)}) without the question that was asked`,
    { temporary: true },
  );
}

export interface ZoneUpdate {
  readonly zone: Name;
  readonly key: TsigKey;
  readonly changes: readonly RecordToEncode[];
}

/** Resolves when the server has signed that the changes are made. @throws DnsUpdateError; the signal's reason. */
export async function sendUpdate(
  server: Endpoint,
  { zone, key, changes }: ZoneUpdate,
  devices: ServerDevices,
  signal?: AbortSignal,
): Promise<void> {
  const { clock, random } = devices;
  const where = formatServer(server);
  const wanted = { zone: formatName(zone), what: describe(changes) };
  const unsigned = encodeUpdate({ id: freshId(random), zone, updates: changes });
  const request = signMessage(unsigned, key, clock.now());
  const answer = await send(server, request.bytes, devices, signal);
  const verified = verifyResponse(answer.bytes, key, clock.now(), request.mac);
  if (!verified.ok) {
    // A server that has no such zone may refuse before it looks at the signature: that says more than 'unsigned'.
    if (verified.error.error === 'unsigned' && answer.rcode !== RCODE.NOERROR)
      throw updateRefused(where, wanted, answer.rcode);
    throw notSignedRight(where, formatName(key.name), verified.error, clock.now());
  }
  const trusted = decodeMessage(verified.value);
  const rcode = trusted.ok ? trusted.value.rcode : RCODE.FORMERR;
  if (rcode !== RCODE.NOERROR) throw updateRefused(where, wanted, rcode);
}

function describe(changes: readonly RecordToEncode[]): string {
  const all = changes.map(({ name, type }) => `${formatType(type)} records at ${formatName(name)}`);
  return [...new Set(all)].join(' and ');
}

async function send(
  server: Endpoint,
  bytes: Uint8Array,
  devices: ExchangeDevices,
  signal?: AbortSignal,
): Promise<Message> {
  try {
    return await exchange(server, bytes, devices, signal);
  } catch (cause) {
    if (!(cause instanceof DeviceError)) throw cause;
    const { message, temporary } = cause;
    throw new DnsUpdateError(`the DNS server ${formatServer(server)}: ${message}`, { cause, temporary });
  }
}

/** RFC 5452 §9.2: the id is drawn anew for each query. */
function freshId(random: Random): number {
  return viewOf(random.bytes(2)).getUint16(0);
}
