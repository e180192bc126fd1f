import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { formatFields, parseRecord } from '../../../shared/appliance/logs/record-text.ts';
import { contact, get, parseAdminAddress, refusal } from '../operator/admin-client.ts';
import { requireOperator } from '../operator/operator-store.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'logs HOST[:PORT] [--tail N] [--kept] [--json]: follow the log of an appliance',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        tail: { type: 'string', default: '50' },
        kept: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        forget: { type: 'boolean', default: false },
      },
    });
    const [host] = positionals;
    if (host === undefined) {
      console.error('lares logs: say which host, such as `lares logs 192.0.2.7`');
      return 2;
    }
    const address = parseAdminAddress(host);
    const keys = await requireOperator();
    const reached = await contact(address, { credentials: keys.client, forget: values.forget });
    const path = values.kept ? '/logs/kept' : `/logs?tail=${encodeURIComponent(values.tail)}`;
    const answer = await get(reached, address, path, { accept: values.kept ? '*/*' : 'text/event-stream' });
    if (answer.statusCode !== 200) throw new Error(refusal(address.endpoint, answer.statusCode));
    const print = (line: string): void => console.log(values.json ? line : forPeople(line));
    await pipeline(createInterface({ input: answer }), async lines => {
      for await (const line of lines as AsyncIterable<string>) {
        // WHATWG HTML §9.2.6: other lines are comments, names and the retry time.
        const data = values.kept ? line : /^data: (.*)$/.exec(line)?.[1];
        if (data !== undefined && data !== '') print(data);
      }
    });
    return 0;
  },
};

function forPeople(line: string): string {
  const record = parseRecord(line);
  if (record === undefined) return line;
  const time = new Date(record.timeMs).toISOString().slice(0, 19).replace('T', ' ');
  return `${time} ${record.level.padEnd(5)} ${record.message} ${formatFields(record.fields)}`;
}
