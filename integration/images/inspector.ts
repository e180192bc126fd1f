import { once } from 'node:events';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { eventually } from '../eventually.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A script that the debugger told of, with the map inside it. */
export interface Script {
  readonly id: string;
  readonly map: SourceMap;
  readonly lineCount: number;
}

/** A position as people count: from 1. */
export interface SourcePosition {
  readonly source: string;
  readonly line: number;
}

/** A client of Node's inspector, as an editor is one. https://chromedevtools.github.io/devtools-protocol/v8/ */
export class Inspector implements Disposable {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, (message: Message) => void>();
  readonly #events: Message[] = [];
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data)) as Message));
  }

  static async attach(port: number): Promise<Inspector> {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      readonly webSocketDebuggerUrl: string;
    }[];
    const address = targets[0]?.webSocketDebuggerUrl;
    if (address === undefined) throw new Error('the inspector has no target');
    const socket = new WebSocket(address);
    await once(socket, 'open', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return new Inspector(socket);
  }

  async call(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const answered = Promise.withResolvers<Message>();
    this.#pending.set(id, answered.resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const late = setTimeout(() => answered.reject(new Error(`${method}: no answer`)), ANSWER_TIMEOUT_MS);
    const { result, error } = await answered.promise.finally(() => clearTimeout(late));
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** The parameters of the first event of that name, come already or yet to come, that fits. */
  async event(
    method: string,
    fits: (params: Record<string, unknown>) => boolean = () => true,
  ): Promise<Record<string, unknown>> {
    const find = (): Message | undefined =>
      this.#events.find(event => event.method === method && fits(event.params ?? {}));
    const found = await eventually(`the event ${method}`, find, { timeoutMs: ANSWER_TIMEOUT_MS });
    return found.params ?? {};
  }

  /** The value of an expression in the program. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.call('Runtime.evaluate', { expression, returnByValue: true });
    return (result as { value?: unknown }).value;
  }

  /** The script at that address, with its source map, which a debug build carries inside. */
  async script(url: string): Promise<Script> {
    const parsed = await this.event('Debugger.scriptParsed', params => params['url'] === url);
    const encoded = String(parsed['sourceMapURL']).split('base64,')[1];
    if (encoded === undefined) throw new Error(`${url} has no source map inside`);
    const payload = JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMapPayload;
    return {
      id: String(parsed['scriptId']),
      map: new SourceMap(payload),
      lineCount: Number(parsed['endLine']),
    };
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #take(message: Message): void {
    if (message.id === undefined) this.#events.push(message);
    else this.#pending.get(message.id)?.(message);
  }
}

/** Where in the bundle (counted from 0, as the debugger does) a line of a source begins. */
export function findGenerated({ map, lineCount }: Script, position: SourcePosition): number {
  for (let line = 0; line < lineCount; line++) if (isAt(sourceOf(map, line, LINE_END), position)) return line;
  throw new Error(`no line of the bundle comes from ${position.source}:${position.line}`);
}

/** Which source, and which line of it, a position in the bundle comes from. */
export function sourceOf(map: SourceMap, line: number, column: number): SourcePosition | undefined {
  const entry = map.findEntry(line, column);
  if (!('originalSource' in entry) || entry.generatedLine !== line) return undefined;
  return { source: entry.originalSource, line: entry.originalLine + 1 };
}

function isAt(found: SourcePosition | undefined, wanted: SourcePosition): boolean {
  return found?.source.endsWith(wanted.source) === true && found.line === wanted.line;
}

/** Behind every column: the last entry of a line. */
const LINE_END = 100_000;
/** The debugger sends the source map, seven megabytes of it, which takes an emulated guest on a busy machine a minute. */
const ANSWER_TIMEOUT_MS = 180_000;
