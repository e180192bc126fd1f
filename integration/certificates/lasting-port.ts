import { randomInt } from 'node:crypto';
import { freePort } from '../../images/run/free-port.ts';

/**
 * A port that is free now and stays so while nobody listens on it between two starts: below those that Linux gives to connections by
 * itself (ip(7), ip_local_port_range).
 */
export async function lastingPort(): Promise<number> {
  const wanted = randomInt(20_000, 30_000);
  const port = await freePort(wanted);
  return port === wanted ? port : lastingPort();
}
