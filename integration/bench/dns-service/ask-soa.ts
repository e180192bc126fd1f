import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { encodeAsked } from '../../../shared/protocols/dns/answer/testing/ask.ts';
import { FLAG, RCODE, TYPE } from '../../../shared/protocols/dns/message.ts';
import { nameOf } from '../../dns/zone-builder.ts';

const ANSWER_MAX_MS = 100;

/** The answer of the server at that port of 127.0.0.1 to who asks for the zone's SOA, or undefined while it has none. */
export async function askSoa(port: number, zone: string): Promise<Uint8Array | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.send(encodeAsked({ name: nameOf(zone), type: TYPE.SOA }));
    const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_MAX_MS) })) as [
      Buffer,
    ];
    const flags = answer.readUInt16BE(2);
    return (flags & FLAG.AA) !== 0 && (flags & 0xf) === RCODE.NOERROR ? answer : undefined;
  } catch {
    // Nobody listens (ECONNREFUSED), or it took too long: no answer either way.
    return undefined;
  } finally {
    socket.close();
  }
}
