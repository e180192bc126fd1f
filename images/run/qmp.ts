import { connect, type Socket } from 'node:net';

interface ShutdownEvent {
  readonly data: { readonly reason: string };
}

/** A connection to QEMU's machine protocol. One command at a time is enough here. */
export class QmpConnection implements Disposable {
  readonly #socket: Socket;
  #buffer = '';
  readonly #pending: ((line: Record<string, unknown>) => void)[] = [];
  #shutdownReason: string | undefined;

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
    if (this.#socket.destroyed) return {};
    const answer = new Promise<Record<string, unknown>>(resolve => this.#pending.push(resolve));
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    const line = await answer;
    if ('error' in line) throw new Error(`QEMU refused ${command}: ${JSON.stringify(line['error'])}`);
    return line['return'];
  }

  /** Why the guest ended, once QEMU has said so here: 'guest-shutdown' for one that powered itself off, 'guest-reset', … */
  get shutdownReason(): string | undefined {
    return this.#shutdownReason;
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
      // qemu-qmp-ref, SHUTDOWN: a reset ends QEMU as well where it was told -no-reboot, and a panic ends in a reset.
      if (line['event'] === 'SHUTDOWN') this.#shutdownReason = (line as unknown as ShutdownEvent).data.reason;
    }
  }
}
