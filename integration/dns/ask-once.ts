import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { frameMessage, MessageFrames } from '../../shared/protocols/dns/message-frames.ts';

/** Whoever answers at all on loopback does so at once. */
const SILENCE_MS = 400;

/** What comes back for one datagram; undefined: nothing. A resolver takes longer than `silenceMs` may be for others. */
export async function askByUdp(
  port: number,
  message: Uint8Array,
  silenceMs = SILENCE_MS,
): Promise<Uint8Array | undefined> {
  const socket = createSocket('udp4');
  const answer = await firstOf<Uint8Array>(silenceMs, answered => {
    socket.on('message', answered);
    socket.send(message, port, '127.0.0.1');
  });
  socket.close();
  return answer;
}

/** What comes back for one message in a connection of its own; undefined: nothing, or its end. */
export async function askByTcp(port: number, message: Uint8Array): Promise<Uint8Array | undefined> {
  const socket = connect(port, '127.0.0.1');
  const frames = new MessageFrames();
  const answer = await firstOf<Uint8Array | undefined>(SILENCE_MS, answered => {
    socket.on('data', (piece: Uint8Array) => {
      const [first] = frames.take(piece);
      if (first !== undefined) answered(first);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => answered(undefined));
    socket.write(frameMessage(message));
  });
  socket.destroy();
  return answer;
}

function firstOf<T>(
  silenceMs: number,
  begin: (answered: (answer: T) => void) => void,
): Promise<T | undefined> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(undefined), silenceMs);
    begin(answer => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}
