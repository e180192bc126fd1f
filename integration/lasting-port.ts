import { randomInt } from 'node:crypto';
import { freePort } from '../images/run/free-port.ts';

/**
 * A port of 127.0.0.1 that is free now, with `datagrams` for UDP as well, and stays so while nobody listens on it: below those that Linux
 * gives to connections, and to whoever asks for port 0, by itself (ip(7), ip_local_port_range).
 */
export async function lastingPort(options: { readonly datagrams?: boolean } = {}): Promise<number> {
  const wanted = randomInt(20_000, 30_000);
  const port = await freePort(wanted, options);
  return port === wanted ? port : lastingPort(options);
}
