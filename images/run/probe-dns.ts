import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { viewOf } from '../../shared/base/bytes.ts';
import { encodeMessage, headerFlags } from '../../shared/protocols/dns/encode-message.ts';
import { frameMessage, MessageFrames } from '../../shared/protocols/dns/message-frames.ts';
import {
  CLASS_IN,
  decodeMessage,
  FLAG,
  formatRcode,
  OPCODE,
  RCODE,
  TYPE,
  type Message,
} from '../../shared/protocols/dns/message.ts';
import { parseName } from '../../shared/protocols/dns/name.ts';
import { formatType } from '../../shared/protocols/dns/record-types/mnemonics.ts';
import { dataFromMessage } from '../../shared/protocols/dns/record-types/wire.ts';
import { fetchFrom } from './probe.ts';
import { proveAnswers } from './prove-dns.ts';

/** A guest under emulation may take seconds for its first answer. */
const ANSWER_TIMEOUT_MS = 30_000;
/** A datagram may be lost: RFC 1035 §4.2.1. */
const RESEND_MS = 2_000;

const PAYLOAD_BYTES = 1_232;
/** RFC 3225 §3: in the OPT record's TTL. */
const DNSSEC_OK = 0x8000;

/** The zone of configs/dns-service.toml. */
const ZONE = 'lares.example';

type Ask = (query: Uint8Array, port: number) => Promise<Uint8Array>;

/**
 * What anybody may ask a DNS appliance with the zone of the example: its SOA and keys, and that a name is not there, each with its
 * signature, by UDP and TCP; what is too long for a datagram; that delv proves its answers by the zone's own key; the health.
 * @throws Error that names the first of them that is not right
 */
export async function probeDnsService(port: (guestPort: number) => number): Promise<void> {
  for (const [transport, ask] of [
    ['UDP', askByDatagram],
    ['TCP', askByStream],
  ] as const) {
    const look = async (name: string, type: number): Promise<Message> => {
      const answer = decodeMessage(await ask(queryFor(name, type), port(53)));
      if (!answer.ok) throw new Error(`the answer by ${transport} is no message: ${answer.error}`);
      return answer.value;
    };
    for (const type of [TYPE.SOA, TYPE.DNSKEY]) {
      const { rcode, answers, flags } = await look(ZONE, type);
      const types = answers.map(record => record.type);
      const right = rcode === RCODE.NOERROR && (flags & FLAG.AA) !== 0;
      expectThat(right && types.includes(type) && types.includes(TYPE.RRSIG), [transport, ZONE, type], rcode);
    }
    const missing = await look(`missing.${ZONE}`, TYPE.A);
    const proof = missing.authorities.map(record => record.type);
    const right = missing.rcode === RCODE.NXDOMAIN && proof.includes(TYPE.NSEC) && proof.includes(TYPE.RRSIG);
    expectThat(right, [transport, `missing.${ZONE}`, TYPE.A], missing.rcode);
    const many = await look(`many.${ZONE}`, TYPE.TXT);
    const isCut = (many.flags & FLAG.TC) !== 0;
    expectThat(isCut === (transport === 'UDP'), [transport, `many.${ZONE}`, TYPE.TXT], many.rcode);
  }
  const keys = decodeMessage(await askByStream(queryFor(ZONE, TYPE.DNSKEY), port(53)));
  if (!keys.ok) throw new Error(`the answer with the keys is no message: ${keys.error}`);
  await proveAnswers({ zone: ZONE, port: port(53), dnskey: firstKey(keys.value) });
  const health = await fetchFrom(`https://127.0.0.1:${port(8443)}/health`);
  if (health.status !== 200) throw new Error(`the health is not as it should be: status ${health.status}`);
}

/** Any of them: the key to come signs the keys too. */
function firstKey({ bytes, answers }: Message): Uint8Array {
  const record = answers.find(({ type }) => type === TYPE.DNSKEY);
  if (record === undefined) throw new Error(`${ZONE} has no key`);
  const data = dataFromMessage(bytes, TYPE.DNSKEY, record.dataStart, record.dataEnd);
  if (!data.ok) throw new Error(`the key of ${ZONE} is malformed: ${data.error}`);
  return data.value;
}

function expectThat(
  holds: boolean,
  [transport, name, type]: readonly [transport: string, name: string, type: number],
  rcode: number,
): void {
  if (holds) return;
  throw new Error(
    `the answer by ${transport} to ${name} ${formatType(type)} is not as it should be: ${formatRcode(rcode)}`,
  );
}

function queryFor(text: string, type: number): Uint8Array {
  const name = parseName(text);
  if (!name.ok) throw new Error(`${text} is no name: ${name.error}`);
  return encodeMessage({
    id: Math.floor(Math.random() * 0x1_0000),
    flags: headerFlags(OPCODE.QUERY, 0),
    questions: [{ name: name.value, type, class: CLASS_IN }],
    additionals: [
      { name: [], type: TYPE.OPT, class: PAYLOAD_BYTES, ttlSeconds: DNSSEC_OK, data: new Uint8Array() },
    ],
  });
}

const askByDatagram: Ask = (query, port) =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const send = (): void => socket.send(query, port, '127.0.0.1');
    const resending = setInterval(send, RESEND_MS);
    const timer = setTimeout(() => finish(() => reject(noAnswer('UDP'))), ANSWER_TIMEOUT_MS);
    const finish = (settle: () => void): void => {
      clearInterval(resending);
      clearTimeout(timer);
      socket.close();
      settle();
    };
    socket.once('error', error => finish(() => reject(error)));
    socket.on('message', bytes => {
      // An answer to the question before may come late.
      if (viewOf(bytes).getUint16(0) === viewOf(query).getUint16(0)) finish(() => resolve(bytes));
    });
    send();
  });

const askByStream: Ask = (query, port) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    const frames = new MessageFrames();
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(noAnswer('TCP')));
    socket.once('error', reject);
    socket.once('end', () => reject(new Error('the connection ended before the answer')));
    socket.on('data', (piece: Buffer) => {
      const [answer] = frames.take(piece);
      if (answer === undefined) return;
      socket.destroy();
      resolve(answer);
    });
    socket.write(frameMessage(query));
  });

function noAnswer(transport: string): Error {
  return new Error(`no answer by ${transport} in ${ANSWER_TIMEOUT_MS / 1000} s`);
}
