import { connect, type Socket } from 'node:net';

/** A connection to QEMU's machine protocol. One command at a time is enough here. */
export class QmpConnection implements Disposable {
  readonly #socket: Socket;
  #buffer = '';
  readonly #pending: ((line: Record<string, unknown>) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#take(text));
    // QEMU closes the socket when it ends, also in the middle of an answer: that is how a power-off looks.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const settle of this.#pending.splice(0)) settle({ return: {} });
    });
  }

  static async open(path: string): Promise<QmpConnection> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const connection = new QmpConnection(socket);
    await connection.execute('qmp_capabilities');
    return connection;
  }

  async execute(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    const answer = new Promise<Record<string, unknown>>(resolve => this.#pending.push(resolve));
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    const line = await answer;
    if ('error' in line) throw new Error(`QEMU refused ${command}: ${JSON.stringify(line['error'])}`);
    return line['return'];
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    const parts = (this.#buffer + text).split('\n');
    this.#buffer = parts.pop() ?? '';
    for (const part of parts.filter(line => line.trim() !== '')) {
      const line = JSON.parse(part) as Record<string, unknown>;
      if ('return' in line || 'error' in line) this.#pending.shift()?.(line);
    }
  }
}
