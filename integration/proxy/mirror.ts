import type { OnRequest } from './world.ts';

/** Tells what it was asked, as JSON. */
export const mirror: OnRequest = (message, response) => {
  const chunks: Uint8Array[] = [];
  message.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  message.on('end', () =>
    response.end(
      JSON.stringify({
        method: message.method,
        url: message.url,
        raw: message.rawHeaders,
        headers: message.headers,
        content: Buffer.concat(chunks).toString('latin1'),
      }),
    ),
  );
};

export interface Mirrored {
  readonly method: string;
  readonly url: string;
  readonly raw: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string;
}
export const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);
/** The mirror's words without the framing that HTTP/1.1 gave them. */
export const mirrored = (text: string): Mirrored =>
  JSON.parse(/\{.*\}/s.exec(bodyOf(text))?.[0] ?? '') as Mirrored;
