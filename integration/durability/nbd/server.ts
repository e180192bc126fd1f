import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import {
  answerOption,
  CLIENT_FLAGS_BYTES,
  COMMAND,
  decodeOptionHeader,
  decodeRequest,
  encodeGreeting,
  encodeReply,
  OPTION_HEADER_BYTES,
  REQUEST_BYTES,
  type Request,
} from './protocol.ts';

/** What the server serves. All of it works at once; `turn` grows with every piece of the stream that arrived by itself. */
export interface Disk {
  readonly sizeBytes: number;
  read(offset: number, length: number): Uint8Array;
  write(offset: number, data: Uint8Array, how: { fua: boolean; turn: number }): void;
  flush(turn: number): void;
}

/** Serves `disk` to any number of clients on a unix socket at `path`. */
export async function serveNbd(path: string, disk: () => Disk): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away in the middle (a killed QEMU) is how every run ends.
    socket.on('error', () => {});
    serveClient(socket, disk()).catch((fault: unknown) => socket.destroy(fault as Error));
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(path, { force: true });
    },
  };
}

async function serveClient(socket: Socket, disk: Disk): Promise<void> {
  const input = createReader(socket);
  socket.write(encodeGreeting());
  await input.take(CLIENT_FLAGS_BYTES);
  if (!(await negotiate(socket, input, disk.sizeBytes))) return;
  for (;;) {
    const header = await input.take(REQUEST_BYTES);
    if (header === undefined) return;
    const request = decodeRequest(header);
    if (request.type === COMMAND.disconnect) break;
    const data = request.type === COMMAND.write ? await input.take(request.length) : undefined;
    answer(socket, disk, { request, data, turn: input.turn });
  }
  socket.end();
}

async function negotiate(socket: Socket, input: Reader, sizeBytes: number): Promise<boolean> {
  for (;;) {
    const header = await input.take(OPTION_HEADER_BYTES);
    if (header === undefined) return false;
    const { option, length } = decodeOptionHeader(header);
    await input.take(length);
    const { bytes, next } = answerOption(option, sizeBytes);
    for (const part of bytes) socket.write(part);
    if (next === 'transmission') return true;
    if (next === 'end') return false;
  }
}

interface Arrived {
  readonly request: Request;
  readonly data: Uint8Array | undefined;
  readonly turn: number;
}

function answer(socket: Socket, disk: Disk, { request, data, turn }: Arrived): void {
  const { type, handle, offset, length, fua } = request;
  if (offset + length > disk.sizeBytes) {
    socket.write(encodeReply(handle, EINVAL));
    return;
  }
  if (type === COMMAND.write && data !== undefined) disk.write(offset, data, { fua, turn });
  if (type === COMMAND.flush) disk.flush(turn);
  const known = Object.values<number>(COMMAND).includes(type);
  socket.write(encodeReply(handle, known ? 0 : EINVAL));
  if (type === COMMAND.read) socket.write(disk.read(offset, length));
}

interface Reader {
  /** Counts the pieces that the stream has come in so far. */
  readonly turn: number;
  /** That many bytes, of the caller's own, or undefined where the stream has ended. */
  take(count: number): Promise<Uint8Array | undefined>;
}

function createReader(socket: Socket): Reader {
  const pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let piece: Buffer = Buffer.alloc(0);
  let turn = 0;
  return {
    get turn() {
      return turn;
    },
    async take(count) {
      const taken = new Uint8Array(count);
      let have = 0;
      while (have < count) {
        if (piece.length === 0) {
          const next = await pieces.next();
          if (next.done === true) return undefined;
          piece = next.value;
          turn++;
        }
        const part = piece.subarray(0, count - have);
        taken.set(part, have);
        have += part.length;
        piece = piece.subarray(part.length);
      }
      return taken;
    },
  };
}

const EINVAL = 22;
