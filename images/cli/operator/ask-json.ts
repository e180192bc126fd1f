import { json } from 'node:stream/consumers';
import { contact, send, type AdminAddress, type AdminRequest } from './admin-client.ts';
import { requireOperator } from './operator-store.ts';

/** One request with the operator's certificate, and the JSON that answers it. @throws Error for people where nothing of the kind does. */
export async function askJson(
  address: AdminAddress,
  request: Omit<AdminRequest, 'headers'>,
): Promise<{ readonly status: number | undefined; readonly value: unknown }> {
  const keys = await requireOperator();
  const reached = await contact(address, { credentials: keys.client });
  const headers = {
    accept: 'application/json',
    ...(request.content && { 'content-type': 'application/json' }),
  };
  try {
    const answer = await send(reached, address, { ...request, headers });
    return { status: answer.statusCode, value: await json(answer) };
  } finally {
    reached.socket.destroy();
  }
}
