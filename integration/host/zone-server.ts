import { createSocket } from 'node:dgram';
import { createServer, isIPv6 } from 'node:net';
import { concatBytes, encodeUtf8, viewOf } from '../../shared/base/bytes.ts';
import type { RecordData, RecordType } from '../../shared/devices/resolver.ts';
import type { Endpoint } from '../../shared/devices/tcp.ts';
import { decodeMessage, FLAG, RCODE, TYPE, type Message } from '../../shared/protocols/dns/message.ts';
import { encodeName, formatName, lowerName, nameBytes, parseName } from '../../shared/protocols/dns/name.ts';
import { encodeSource } from '../../shared/protocols/ip/source-address.ts';
import type { ZoneRecord } from '../../shared/compliance/resolver.ts';

export interface ZoneServer extends AsyncDisposable {
  readonly address: Endpoint;
  /** Questions that came, as 'udp host.test A edns'. */
  readonly asked: string[];
}

export interface ZoneServerOptions {
  readonly records: readonly ZoneRecord[];
  /** Answers FORMERR to whoever sends an OPT record, as servers from before EDNS do. */
  readonly refusesEdns?: boolean;
  /** Before each true answer a datagram that is none: the same with another id. */
  readonly forges?: boolean;
  readonly silent?: boolean;
  readonly authenticData?: boolean;
}

const TTL_SECONDS = 300;
const PLAIN_UDP_BYTES = 512;

/** A recursive server for tests, on loopback, over UDP and TCP: written apart from the resolver's own decoder. */
export async function startZoneServer(options: ZoneServerOptions): Promise<ZoneServer> {
  const asked: string[] = [];
  const tcp = createServer(socket => {
    let received: Uint8Array = new Uint8Array(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Uint8Array) => {
      received = concatBytes([received, chunk]);
      if (received.length < 2 || received.length < 2 + viewOf(received).getUint16(0)) return;
      const reply = respond(received.subarray(2), options, asked, 'tcp');
      socket.end(concatBytes([Uint8Array.of(reply.length >> 8, reply.length), reply]));
    });
  });
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (query, { port: to, address }) => {
    const reply = respond(query, options, asked, 'udp');
    if (options.silent === true) return;
    if (options.forges === true) udp.send(Uint8Array.of(reply[0]! ^ 1, ...reply.subarray(1)), to, address);
    udp.send(reply, to, address);
  });
  await new Promise<void>(resolve => udp.bind(port, '127.0.0.1', resolve));
  return {
    address: { host: '127.0.0.1', port },
    asked,
    async [Symbol.asyncDispose]() {
      await new Promise<void>(resolve => udp.close(resolve));
      await new Promise(resolve => tcp.close(resolve));
    },
  };
}

function respond(
  query: Uint8Array,
  options: ZoneServerOptions,
  asked: string[],
  over: 'udp' | 'tcp',
): Uint8Array {
  const decoded = decodeMessage(query);
  if (!decoded.ok) throw new Error(decoded.error);
  const message = decoded.value;
  const [question] = message.questions;
  const opt = message.additionals.find(({ type }) => type === TYPE.OPT);
  const name = formatName(lowerName(question!.name));
  const type = typeName(question!.type);
  asked.push(`${over} ${name} ${type}${opt === undefined ? '' : ' edns'}`);
  if (options.refusesEdns === true && opt !== undefined) return encodeReply(message, RCODE.FORMERR, 0, []);
  if (name.endsWith('fault.test')) return encodeReply(message, RCODE.SERVFAIL, 0, []);
  const found = lookUp(options.records, name, type);
  const exists = found.length > 0 || options.records.some(record => record.name === name);
  const flags = options.authenticData === true ? FLAG.AD : 0;
  const whole = encodeReply(message, exists ? RCODE.NOERROR : RCODE.NXDOMAIN, flags, found);
  const room = opt?.class ?? PLAIN_UDP_BYTES;
  return over === 'udp' && whole.length > room ? encodeReply(message, RCODE.NOERROR, FLAG.TC, []) : whole;
}

function lookUp(records: readonly ZoneRecord[], name: string, type: RecordType): ZoneRecord[] {
  const found = records.filter(record => record.name === name && record.type === type);
  const alias = records.find(record => record.name === name && record.type === 'CNAME');
  if (found.length > 0 || alias === undefined) return found;
  return [alias, ...lookUp(records, alias.data as string, type)];
}

function typeName(number: number): RecordType {
  return Object.entries(TYPE).find(([, value]) => value === number)![0] as RecordType;
}

function encodeReply(
  query: Message,
  rcode: number,
  flags: number,
  records: readonly ZoneRecord[],
): Uint8Array {
  const questionEnd = 12 + nameBytes(query.questions[0]!.name) + 4;
  const head = query.bytes.slice(0, questionEnd);
  const view = viewOf(head);
  view.setUint16(2, FLAG.QR | FLAG.RD | FLAG.RA | flags | rcode);
  view.setUint16(6, records.length);
  view.setUint16(8, 0);
  view.setUint16(10, 0);
  const asked = formatName(lowerName(query.questions[0]!.name));
  return concatBytes([head, ...records.map(record => encodeRecord(record, asked))]);
}

/** The owner is a pointer to the question where it is the name asked for (RFC 1035 §4.1.4). */
function encodeRecord({ name, type, data }: ZoneRecord, asked: string): Uint8Array {
  const owner = name === asked ? Uint8Array.of(0xc0, 12) : wireName(name);
  const fixed = new Uint8Array(10);
  const bytes = encodeData(type, data);
  const view = viewOf(fixed);
  view.setUint16(0, TYPE[type]);
  view.setUint16(2, 1);
  view.setUint32(4, TTL_SECONDS);
  view.setUint16(8, bytes.length);
  return concatBytes([owner, fixed, bytes]);
}

function wireName(text: string): Uint8Array {
  const name = parseName(text);
  if (!name.ok) throw new Error(name.error);
  const bytes = new Uint8Array(nameBytes(name.value));
  encodeName(name.value, bytes, 0);
  return bytes;
}

function words(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap(value => [value >> 8, value & 0xff]));
}

function encodeData(type: RecordType, data: RecordData[RecordType]): Uint8Array {
  if (typeof data === 'string') return isAddress(type) ? encodeAddress(data) : wireName(data);
  if ('exchange' in data) return concatBytes([words(data.preference), wireName(data.exchange)]);
  if ('target' in data)
    return concatBytes([words(data.priority, data.weight, data.port), wireName(data.target)]);
  if ('usage' in data) return Uint8Array.of(data.usage, data.selector, data.matchingType, ...data.data);
  if ('keyTag' in data)
    return Uint8Array.of(...words(data.keyTag), data.algorithm, data.digestType, ...data.digest);
  if ('tag' in data) return Uint8Array.of(data.flags, data.tag.length, ...encodeUtf8(data.tag + data.value));
  return concatBytes(data.map(text => Uint8Array.of(text.length, ...encodeUtf8(text))));
}

function isAddress(type: RecordType): boolean {
  return type === 'A' || type === 'AAAA';
}

function encodeAddress(host: string): Uint8Array {
  const source = new Uint8Array(18);
  encodeSource({ host, port: 0 }, source);
  return source.slice(isIPv6(host) ? 0 : 12, 16);
}
