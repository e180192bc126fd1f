import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { frameMessage, MessageFrames } from '../../shared/protocols/dns/message-frames.ts';

/** What a server answers; undefined: nothing. */
export type Answering = (transport: 'udp' | 'tcp', query: Uint8Array) => Uint8Array | undefined;

export interface NameServer extends AsyncDisposable {
  readonly port: number;
}

/** A name server on a free port of 127.0.0.1, by UDP and TCP. */
export async function startNameServer(answer: Answering): Promise<NameServer> {
  const tcp = createServer(flow => {
    const frames = new MessageFrames();
    flow.on('error', () => undefined);
    flow.on('data', (piece: Buffer) => {
      for (const query of frames.take(piece)) {
        const reply = answer('tcp', Uint8Array.from(query));
        if (reply !== undefined) flow.write(frameMessage(reply));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (query, source) => {
    const reply = answer('udp', Uint8Array.from(query));
    if (reply !== undefined) udp.send(reply, source.port, source.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    port,
    async [Symbol.asyncDispose]() {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}
