import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verb } from '../../images/cli/verbs/zone.ts';
import { createScratch, type Scratch } from '../images/scratch.ts';
import { startDnsService, type DnsService } from './service-process.ts';

let scratch: Scratch;
let service: DnsService;
let text: string;
beforeAll(async () => {
  scratch = await createScratch();
  const example = new URL('../../configs/dns-service/zones/lares.example.zone', import.meta.url);
  text = await readFile(example, 'utf8');
  service = await startDnsService({
    folder: scratch.path,
    configuration: '[[dns-service.zones]]\nname = "lares.example"\n',
    zones: { 'lares.example.zone': text },
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

/** What `lares zone …` prints, and its exit code. */
async function zone(...args: string[]): Promise<{ code: number; printed: string[] }> {
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  const error = vi.spyOn(console, 'error').mockReturnValue();
  try {
    return { code: await verb.run(args), printed };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

async function fileOf(content: string): Promise<string> {
  const file = join(scratch.path, 'lares.example.zone');
  await writeFile(file, content);
  return file;
}

describe('lares zone compare', () => {
  const server = (): string => `dns://127.0.0.1:${service.port}`;

  it('finds no difference between a file and the server that signs it', async () => {
    expect(await zone('compare', await fileOf(text), server())).toEqual({ code: 0, printed: [] });
  });

  it('prints what the server has otherwise', async () => {
    const file = await fileOf(`${text}new A 192.0.2.99\nsub NS ns2.sub\nns2.sub A 192.0.2.54\n`);
    const { code, printed } = await zone('compare', file, server());
    expect(code).toBe(1);
    expect(printed.map(line => line.replace(/\t\d+\tIN\t/, ' '))).toEqual([
      '- new.lares.example. A\t192.0.2.99',
      '- sub.lares.example. NS\tns2.sub.lares.example.',
      '- ns2.sub.lares.example. A\t192.0.2.54',
    ]);
  });

  it('says so where the server does not have the zone, and where it is none', async () => {
    const file = await fileOf(text);
    await expect(zone('compare', file, server(), '--origin', 'other.example')).rejects.toThrow(
      'the server is none of the zone other.example (it answers REFUSED',
    );
    await expect(zone('compare', file, 'dns://')).rejects.toThrow("'dns://' is no server; write dns://HOST");
    await expect(zone('compare', server(), file)).rejects.toThrow('the old zone has to be a file');
  });
});
