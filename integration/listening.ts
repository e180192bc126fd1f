import { readFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';

/** Waits until a program listens on that port of 127.0.0.1: many say so before they do. */
export async function listening(what: string, port: number): Promise<void> {
  await eventually(`${what} listens on port ${port}`, () => isListening(port));
}

/** proc(5), /proc/net/tcp: addresses in hexadecimal, this one as the processor stores it; state 0A is LISTEN. */
async function isListening(port: number): Promise<boolean> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return (await readFile('/proc/net/tcp', 'utf8')).includes(` 0100007F:${hex} 00000000:0000 0A`);
}
