import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { eventually } from '../eventually.ts';
import { NODE_FLAGS } from '../../images/build/node-flags.ts';
import { repositoryRoot } from '../../images/cli/repository.ts';

export interface DnsService extends AsyncDisposable {
  readonly port: number;
  /** For DNS over TLS and over HTTPS, once they listen; 0: they do not. */
  readonly tlsPort: number;
  readonly httpsPort: number;
  /** All that it wrote, line by line. */
  readonly lines: readonly string[];
}

export interface DnsServiceOptions {
  /** For configuration, zone files and data; what is there is kept. */
  readonly folder: string;
  /** Any free one unless told. */
  readonly port?: number;
  /** Of the `[dns-service]` table and its zones. */
  readonly configuration: string;
  /** Texts by file name in the zone folder. */
  readonly zones: Readonly<Record<string, string>>;
}

/** The service as `npm run start` runs it, once it listens or has said why it does not. */
export async function startDnsService(options: DnsServiceOptions): Promise<DnsService> {
  const { folder } = options;
  await writeFiles(options);
  const node = join(repositoryRoot, 'node_modules', '.bin', 'node');
  const child = spawn(
    node,
    [
      ...NODE_FLAGS,
      join(repositoryRoot, 'services/dns-service/main.ts'),
      ...['--config', join(folder, 'lares.toml'), '--data', join(folder, 'data')],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const lines = (): string[] => output.split('\n');
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const port = await eventually('the service listens', () => portIn(lines()), { seen: () => output });
    return {
      port,
      get tlsPort() {
        return encryptedPortIn(lines(), 'tls');
      },
      get httpsPort() {
        return encryptedPortIn(lines(), 'https');
      },
      get lines() {
        return lines();
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Puts a secret where a key of the configuration finds it by the name `tsig`; `others` by their names. */
export async function configureKey(
  folder: string,
  secret: string,
  others: Readonly<Record<string, string>> = {},
): Promise<void> {
  await mkdir(join(folder, 'secrets'), { recursive: true });
  for (const [name, text] of Object.entries({ ...others, tsig: secret }))
    await writeFile(join(folder, 'secrets', name), text);
}

async function writeFiles({ folder, port = 0, configuration, zones }: DnsServiceOptions): Promise<void> {
  const table = `[dns-service]\naddress = "127.0.0.1"\nport = ${port}\ntls-port = 0\nhttps-port = 0\n${configuration}`;
  await writeFile(join(folder, 'lares.toml'), `${table}\n[admin]\naddress = "127.0.0.1"\nport = 0\n`);
  for (const [name, text] of Object.entries(zones)) {
    const file = join(folder, 'dns-service/zones', name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** 0 where it said why it did not start. */
function portIn(lines: readonly string[]): number | undefined {
  if (lines.some(line => line.includes('service did not start'))) return 0;
  const line = lines.find(text => text.includes('the DNS service is listening'));
  return line === undefined ? undefined : (JSON.parse(line) as { address: { port: number } }).address.port;
}

function encryptedPortIn(lines: readonly string[], transport: 'tls' | 'https'): number {
  const line = lines.find(text => text.includes('listening for encrypted connections'));
  if (line === undefined) return 0;
  return (JSON.parse(line) as Record<'tls' | 'https', { port: number }>)[transport].port;
}
