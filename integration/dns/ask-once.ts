import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { viewOf } from '../../shared/base/bytes.ts';
import { encodeAsked, name } from '../../shared/protocols/dns/answer/testing/ask.ts';
import { TYPE } from '../../shared/protocols/dns/message.ts';
import { frameMessage, MessageFrames } from '../../shared/protocols/dns/message-frames.ts';

/** For a machine that is busy with others. */
const PATIENCE_MS = 20_000;

/** Sent behind each message: whoever has answered this will not answer that any more. */
const LAST_ID = 0xfffe;
const LAST = encodeAsked({ name: name('www.example'), type: TYPE.A }, LAST_ID);

/** What comes back for one datagram; undefined: nothing. */
export function askByUdp(port: number, message: Uint8Array): Promise<Uint8Array | undefined> {
  return exchange(port, [message, LAST]);
}

/** What a resolver answers, which answers in any order and may have to ask others first. */
export function askResolver(port: number, message: Uint8Array): Promise<Uint8Array | undefined> {
  return exchange(port, [message]);
}

async function exchange(port: number, messages: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
  const socket = createSocket('udp4');
  const answer = await firstOf(answered => {
    socket.on('message', answered);
    for (const message of messages) socket.send(message, port, '127.0.0.1');
  });
  socket.close();
  return answer;
}

/** What comes back for one message in a connection of its own; undefined: nothing, or its end. */
export async function askByTcp(port: number, message: Uint8Array): Promise<Uint8Array | undefined> {
  const socket = connect(port, '127.0.0.1');
  const frames = new MessageFrames();
  const answer = await firstOf(answered => {
    socket.on('data', (piece: Uint8Array) => {
      for (const frame of frames.take(piece)) answered(frame);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => answered(undefined));
    socket.write(frameMessage(message));
    socket.write(frameMessage(LAST));
  });
  socket.destroy();
  return answer;
}

type Answered = (answer: Uint8Array | undefined) => void;

/** The first answer that is not the last one's. @throws Error where there is none at all */
function firstOf(begin: (answered: Answered) => void): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const tooLate = new Error(`no answer at all within ${PATIENCE_MS / 1000} s`);
    const timer = setTimeout(() => reject(tooLate), PATIENCE_MS);
    begin(answer => {
      clearTimeout(timer);
      const isLast = answer !== undefined && viewOf(answer).getUint16(0) === LAST_ID;
      resolve(isLast ? undefined : answer);
    });
  });
}
