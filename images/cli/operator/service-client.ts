import { Readable } from 'node:stream';
import { refusal, type AdminAddress } from './admin-client.ts';
import { askJson } from './ask-json.ts';

/** Has a running service do one of its actions (`Administration.actions`). @throws Error with the service's sentence where it is not done. */
export async function askService(address: AdminAddress, action: string, input: object): Promise<unknown> {
  const content = Readable.from([Buffer.from(JSON.stringify(input))]);
  const { status, value } = await askJson(address, { method: 'POST', path: `/service/${action}`, content });
  if (status === 200) return value;
  const { error } = value as { error?: string };
  throw new Error(status === 403 || error === undefined ? refusal(address.endpoint, status) : error);
}
