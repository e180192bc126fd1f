import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { OperatorKeys } from '../../shared/components/operator-keys/operator-file.ts';
import type { Household } from '../appliance/harness.ts';
import type { Answer } from '../../images/run/probe.ts';

/** What `lares keys create` made for a household. */
export function operatorKeys(household: Household): OperatorKeys {
  return JSON.parse(
    readFileSync(join(household.folder, 'config/lares/operator.json'), 'utf8'),
  ) as OperatorKeys;
}

export interface AskOptions {
  /** Shows this operator's client certificate. */
  readonly as?: OperatorKeys;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One GET of an appliance's admin endpoint, on a connection of its own. */
export function askAdmin(port: number, path: string, options: AskOptions = {}): Promise<Answer> {
  const client = options.as?.client;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, path, headers: options.headers },
        ...{ agent: false, rejectUnauthorized: false, timeout: ANSWER_TIMEOUT_MS },
        ...(client && { cert: client.certificateChainPem, key: client.privateKeyPem }),
      },
      answer => {
        let body = '';
        answer.setEncoding('utf8').on('data', (part: string) => (body += part));
        answer.once('error', reject);
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      },
    );
    sent.once('timeout', () => sent.destroy(new Error(`${path}: no answer`)));
    sent.once('error', reject);
    sent.end();
  });
}

/** Emulated, a handshake with a client certificate takes some hundred milliseconds; a crowd may stand before it. */
const ANSWER_TIMEOUT_MS = 60_000;
