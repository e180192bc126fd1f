import { viewOf } from '../base/bytes.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { Random } from '../devices/random.ts';
import type { Answer, RecordType, Resolver } from '../devices/resolver.ts';
import type { Endpoint } from '../devices/tcp.ts';
import { encodeQuery } from '../protocols/dns/encode-message.ts';
import {
  CLASS_IN,
  decodeMessage,
  FLAG,
  RCODE,
  TYPE,
  type Message,
  type Question,
} from '../protocols/dns/message.ts';
import { parseName, type Name } from '../protocols/dns/name.ts';
import { answersQuery, readAnswer } from '../protocols/dns/stub-answer.ts';
import { formatEndpoint } from './address.ts';
import { exchangeTcp, exchangeUdp, type Accept } from './resolver-exchange.ts';
import { readSystemServers, type NameServers } from './resolver-servers.ts';

export interface HostResolverOptions {
  readonly random: Random;
  /** Asked before every question; the default is the system's /etc/resolv.conf, read anew each time. */
  readonly servers?: () => Promise<NameServers>;
  /** How long each server is waited for in the first and in later rounds. */
  readonly roundTimeoutsMs?: readonly number[];
}

/** A lost datagram costs two seconds; a server slow to recurse still gets its answer in by the second round. */
const ROUND_TIMEOUTS_MS: readonly number[] = [2_000, 4_000];

// RFC 9715 §3.2: a requestor asks for no more than 1,400 bytes, so that answers are not fragmented. 1,232 is what IPv6's least MTU
// of 1,280 leaves after IP and UDP headers.
const UDP_PAYLOAD_BYTES = 1_232;

/** A stub resolver (RFC 1034 §5.3.1): it asks the configured recursive servers over UDP, and over TCP what is cut short. */
export function createHostResolver(options: HostResolverOptions): Resolver {
  const servers = options.servers ?? readSystemServers;
  const rounds = options.roundTimeoutsMs ?? ROUND_TIMEOUTS_MS;
  return {
    async resolve(text, type, signal) {
      signal?.throwIfAborted();
      const name = parseName(text);
      if (!name.ok)
        throw new DeviceError(
          'name-server-failed',
          `${JSON.stringify(text)} is no domain name: ${name.error}`,
        );
      const inquiry = { text, name: name.value, type, random: options.random, ...(await servers()) };
      return await askAll(inquiry, rounds, signal);
    },
  };
}

interface Inquiry<T extends RecordType> extends NameServers {
  readonly text: string;
  readonly name: Name;
  readonly type: T;
  readonly random: Random;
}

async function askAll<T extends RecordType>(
  inquiry: Inquiry<T>,
  rounds: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Answer<T>> {
  const about = `${inquiry.type} of ${inquiry.text}`;
  let failure = new DeviceError('name-server-failed', `${about}: no name server is configured`);
  for (const timeoutMs of rounds) {
    for (const server of inquiry.servers) {
      const limit = AbortSignal.timeout(timeoutMs);
      try {
        const message = await ask(
          inquiry,
          server,
          signal === undefined ? limit : AbortSignal.any([limit, signal]),
        );
        const answer = readAnswer(message, inquiry, inquiry.trusted);
        if (answer.ok) return answer.value;
        failure = new DeviceError(
          'name-server-failed',
          `${about}: ${formatEndpoint(server)} answers ${answer.error}`,
        );
      } catch (cause) {
        signal?.throwIfAborted();
        failure = limit.aborted
          ? new DeviceError(
              'timed-out',
              `${about}: no answer from ${formatEndpoint(server)} within ${timeoutMs} ms`,
            )
          : new DeviceError('name-server-failed', `${about}: ${formatEndpoint(server)} cannot be asked`, {
              cause,
            });
      }
    }
  }
  throw failure;
}

/** One server's answer, over TCP where UDP was too short, without EDNS where the server does not know it. */
async function ask<T extends RecordType>(
  inquiry: Inquiry<T>,
  server: Endpoint,
  signal: AbortSignal,
): Promise<Message> {
  const message = await askOnce(inquiry, server, signal, true);
  // RFC 6891 §7: a server that does not know the OPT record answers FORMERR (or NOTIMP); it is asked again without.
  const refused = message.rcode === RCODE.FORMERR || message.rcode === RCODE.NOTIMP;
  return refused ? await askOnce(inquiry, server, signal, false) : message;
}

async function askOnce<T extends RecordType>(
  inquiry: Inquiry<T>,
  server: Endpoint,
  signal: AbortSignal,
  edns: boolean,
): Promise<Message> {
  const question: Question = { name: inquiry.name, type: TYPE[inquiry.type], class: CLASS_IN };
  // RFC 5452 §9.2: an unpredictable id for each query; the source port is the kernel's random choice for each socket.
  const id = viewOf(inquiry.random.bytes(2)).getUint16(0);
  const query = encodeQuery({
    id,
    question,
    authenticData: inquiry.trusted,
    ...(edns ? { udpPayloadBytes: UDP_PAYLOAD_BYTES } : {}),
  });
  const accept: Accept = bytes => {
    const message = decodeMessage(bytes);
    if (!message.ok) return undefined;
    return answersQuery(message.value, id, question) || refusesHeader(message.value, id)
      ? message.value
      : undefined;
  };
  const message = await exchangeUdp(server, query, accept, signal);
  // RFC 7766 §5: a truncated answer is asked for again over TCP.
  if ((message.flags & FLAG.TC) === 0) return message;
  return await exchangeTcp(server, query, accept, signal);
}

/** A server that cannot parse the query may answer with the header alone (RFC 1035 §4.1.1, FORMERR). */
function refusesHeader(message: Message, id: number): boolean {
  const { rcode, flags, questions } = message;
  return message.id === id && (flags & FLAG.QR) !== 0 && questions.length === 0 && rcode === RCODE.FORMERR;
}
