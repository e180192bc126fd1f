import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

/** Each file of a release tells its number in every few bytes, so that no two releases can be mixed unseen. */
export const FILES: Readonly<Record<string, (number: number) => string>> = {
  'index.html': number => `<link rel=stylesheet href=style.css><h1>#${number}</h1>`,
  'style.css': number => `h1::after{content:"#${number}"}`.repeat(40),
  // Too large for the buffers on the way, and of a type that is not compressed.
  'album.bin': number => `#${number};`.repeat(200_000).slice(0, 400_000),
};

export function releaseOf(number: number): Record<string, string> {
  return Object.fromEntries(Object.entries(FILES).map(([path, make]) => [path, make(number)]));
}

/** What visitors saw. */
export interface Seen {
  answers: number;
  /** In words; the first few are told. */
  readonly failed: string[];
  readonly mixed: string[];
  /** Numbers of releases seen. */
  readonly numbers: Set<number>;
}

/** Ask for `path`, give status and content. */
type Ask = (path: string) => Promise<{ readonly status: number; readonly text: string }>;

/**
 * Reads page, style and a large file over one connection, again and again until `signal`. A release that was seen once is
 * never followed by an older one on that connection: the switch is one step for everything.
 */
export async function visit(ask: Ask, seen: Seen, signal: AbortSignal): Promise<void> {
  let newest = 0;
  while (!signal.aborted)
    for (const path of Object.keys(FILES)) {
      const number = await look(ask, path, seen);
      if (number === undefined) continue;
      if (number < newest) seen.mixed.push(`${path} of release ${number} after something of ${newest}`);
      newest = Math.max(newest, number);
    }
}

async function look(ask: Ask, path: string, seen: Seen): Promise<number | undefined> {
  try {
    const { status, text } = await ask(path);
    seen.answers++;
    const number = Number(/#(\d+)/.exec(text)?.[1] ?? -1);
    if (status !== 200) seen.failed.push(`${path}: ${status}`);
    else if (text !== FILES[path]?.(number)) seen.mixed.push(`${path}: is not whole of release ${number}`);
    seen.numbers.add(number);
    return number;
  } catch (error) {
    seen.failed.push(`${path}: ${(error as Error).message}`);
    return undefined;
  }
}

/** A visitor with one connection of HTTP/1.1; `pauseMs` after every piece makes it a slow reader. */
export function http1Visitor(port: number, pauseMs = 0): Ask & { close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const ask: Ask = async path => {
    const asked = request({ host: '127.0.0.1', port, agent, path: `/${path}` }).end();
    const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    let text = '';
    for await (const piece of answer.setEncoding('latin1')) {
      text += String(piece);
      if (pauseMs > 0) await pause(pauseMs);
    }
    return { status: answer.statusCode ?? 0, text };
  };
  return Object.assign(ask, { close: () => agent.destroy() });
}

/** A visitor with one connection of HTTP/2. */
export function http2Visitor(port: number): Ask & { close(): void } {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const ask: Ask = async path => {
    const stream = session.request({ ':path': `/${path}` });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    let text = '';
    for await (const piece of stream.setEncoding('latin1')) text += String(piece);
    return { status: Number(headers[':status']), text };
  };
  return Object.assign(ask, { close: () => session.close() });
}
