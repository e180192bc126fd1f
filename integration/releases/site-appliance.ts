import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createHousehold, type Household, type Running } from '../appliance/harness.ts';

export interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

/** A web service with its admin endpoint, and the operator's tools. */
export interface SiteAppliance extends AsyncDisposable {
  readonly household: Household;
  readonly process: Running;
  readonly sitePort: number;
  readonly adminPort: number;
  /** `127.0.0.1:PORT`, for `lares site --to`. */
  readonly host: string;
  /** A page of the site. */
  page(path: string, options?: PageOptions): Promise<Answer>;
  /** A request to the admin endpoint; an operator's unless it is a stranger's. */
  admin(method: string, path: string, options?: AdminOptions): Promise<Answer>;
  /** Writes files into a folder below the household's and gives its path. */
  folder(name: string, files: Readonly<Record<string, string>>): string;
  /** The same appliance after a restart. */
  restart(): Promise<SiteAppliance>;
}

export interface PageOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Uint8Array;
}

export interface AdminOptions {
  readonly content?: Uint8Array | Readable;
  readonly isStranger?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export const START_PAGE = '<!doctype html><title>Baked in</title><h1>Baked in</h1>';

/** Starts one whose baked-in site is {@link START_PAGE}; `keys` are lines below `[web-service]`, `secrets` texts by name. */
export async function startSiteAppliance(
  keys = '',
  secrets: Readonly<Record<string, string>> = {},
): Promise<SiteAppliance> {
  const household = createHousehold();
  const operator = (await household.lares('keys', 'create', '--name', 'anna')).stdout.trim();
  writeFiles(join(household.folder, 'site'), { 'index.html': START_PAGE });
  writeFiles(join(household.folder, 'secrets'), secrets);
  const toml = [
    '[web-service]',
    'site-folder = "site"',
    'address = "127.0.0.1"',
    'http-port = 0',
    'https-port = 0',
    keys,
    '[admin]',
    'address = "127.0.0.1"',
    'port = 0',
    '[operator]',
    `keys = [${operator}]`,
  ].join('\n');
  return start(household, toml);
}

async function start(household: Household, toml: string): Promise<SiteAppliance> {
  const process = await household.start(toml, { program: 'services/web-service/main.ts' });
  const sitePort = Number((await process.printed(/https:\/\/[^/\s]*?:(\d+)\//))[1]);
  const adminPort = process.port;
  const { client } = JSON.parse(
    readFileSync(join(household.folder, 'config/lares/operator.json'), 'utf8'),
  ) as {
    client: { certificateChainPem: string; privateKeyPem: string };
  };
  return {
    household,
    process,
    sitePort,
    adminPort,
    host: `127.0.0.1:${adminPort}`,
    page: (path, { content, ...options } = {}) => ask({ port: sitePort, path, ...options }, content),
    admin: (method, path, { content, isStranger = false, headers } = {}) => {
      const credentials = isStranger ? {} : { cert: client.certificateChainPem, key: client.privateKeyPem };
      return ask(
        {
          port: adminPort,
          method,
          path,
          ...credentials,
          headers: { accept: 'application/json', ...headers },
        },
        content,
      );
    },
    folder(name, files) {
      writeFiles(join(household.folder, name), files);
      return join(household.folder, name);
    },
    async restart() {
      process.process.kill('SIGTERM');
      await process.finished;
      return start(household, toml);
    },
    [Symbol.asyncDispose]: () => household[Symbol.asyncDispose](),
  };
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function ask(options: RequestOptions, content?: Uint8Array | Readable): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', agent: false, rejectUnauthorized: false, ...options },
      answer => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.once('end', () => resolve({ status: answer.statusCode, text }));
      },
    );
    asked.once('error', reject);
    if (content === undefined || content instanceof Uint8Array) asked.end(content);
    else content.once('error', error => asked.destroy(error)).pipe(asked);
  });
}
