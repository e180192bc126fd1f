import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { repositoryRoot } from '../cli/repository.ts';
import type { Node } from '../disk/tree.ts';
import { directory, file } from '../disk/tree.ts';
import { checkZones } from './check-zones.ts';
import { checkSite, encodeSite } from './encode-site.ts';

/** A folder that the configuration names, as it is baked in. */
export interface ContentFolder {
  /** As it stands in the configuration: for faults. */
  readonly name: string;
  readonly folder: Node;
  /** The whole configuration, as it was written. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** What makes one service's image differ from another's. */
export interface Recipe {
  readonly service: string;
  /** The composition root, from the repository's root. */
  readonly entry: string;
  /** The configuration that is baked in unless another is named, from the repository's root. */
  readonly configuration: string;
  /** The folders, named in the configuration, that are baked in beside it. */
  readonly contentFolders: (configuration: Readonly<Record<string, unknown>>) => readonly string[];
  /** What becomes of such a folder before it is baked in, where it is not taken as it is; `name` is for faults. */
  readonly prepareContent?: (name: string, folder: Node) => Promise<Node>;
  /** Whether the service will take such a folder, looked at before anything is built. @throws Error for people */
  readonly checkContent?: (content: ContentFolder) => void | Promise<void>;
  /** What the runner gives the guest. */
  readonly memoryMiB: number;
  /** Ports that the runner forwards, each with what stands there; those of DNS for TCP and UDP. */
  readonly ports: readonly {
    readonly port: number;
    readonly scheme: 'http' | 'https' | 'dns' | 'tls';
    readonly what: string;
  }[];
}

const RECIPES: readonly Recipe[] = [
  {
    service: 'web-service',
    entry: 'services/web-service/main.ts',
    configuration: 'configs/web-service.toml',
    contentFolders: configuration => {
      const table = (configuration['web-service'] ?? {}) as Record<string, unknown>;
      const sites = (table['sites'] ?? []) as Record<string, unknown>[];
      const named = [table['site-folder'] ?? 'web-service/site', ...sites.map(site => site['folder'])];
      return named.filter(folder => typeof folder === 'string');
    },
    prepareContent: encodeSite,
    checkContent: checkSite,
    memoryMiB: 128,
    ports: [
      { port: 443, scheme: 'https', what: 'the site' },
      { port: 80, scheme: 'http', what: 'the redirect to HTTPS' },
      { port: 8443, scheme: 'https', what: 'the status page' },
    ],
  },
  {
    service: 'dns-service',
    entry: 'services/dns-service/main.ts',
    configuration: 'configs/dns-service.toml',
    contentFolders: configuration => {
      const table = (configuration['dns-service'] ?? {}) as Record<string, unknown>;
      const folder = table['zone-folder'] ?? 'dns-service/zones';
      return typeof folder === 'string' ? [folder] : [];
    },
    checkContent: checkZones,
    memoryMiB: 128,
    ports: [
      { port: 53, scheme: 'dns', what: 'DNS, by UDP and TCP' },
      { port: 853, scheme: 'tls', what: 'DNS over TLS, where server-names are set' },
      { port: 443, scheme: 'https', what: 'DNS over HTTPS, where server-names are set' },
      { port: 8443, scheme: 'https', what: 'the status page' },
    ],
  },
];

/** @throws Error for people where there is no such service */
export function recipeFor(service: string): Recipe {
  const recipe = RECIPES.find(each => each.service === service);
  if (recipe !== undefined) return recipe;
  const names = RECIPES.map(each => each.service).join(', ');
  throw new Error(`there is no service '${service}' to build; there are: ${names}`);
}

/**
 * The configuration's folders as trees, by their names in it. An absolute folder is not baked in: it is one of the data
 * volume. @throws Error that names the folder that is missing, or what in it is wrong
 */
export async function readContent(
  recipe: Recipe,
  toml: string,
  beside: string,
): Promise<ReadonlyMap<string, Node>> {
  const content = new Map<string, Node>();
  const prepare = recipe.prepareContent ?? ((_name, folder) => Promise.resolve(folder));
  for await (const { name, folder } of checkedFolders(recipe, toml, beside))
    content.set(name, await prepare(name, folder));
  return content;
}

/** Whether {@link readContent} would find everything right. @throws Error as it does */
export async function checkContent(recipe: Recipe, toml: string, beside: string): Promise<void> {
  await Array.fromAsync(checkedFolders(recipe, toml, beside));
}

async function* checkedFolders(recipe: Recipe, toml: string, beside: string): AsyncGenerator<ContentFolder> {
  const configuration = parse(toml);
  for (const name of recipe.contentFolders(configuration)) {
    if (name.startsWith('/')) continue;
    const content = { name, folder: await readTree(join(beside, name)), configuration };
    await recipe.checkContent?.(content);
    yield content;
  }
}

/** Regular files and folders; anything else is a fault, since an image has no use for it. Modes are not taken over. */
export async function readTree(folder: string): Promise<Node> {
  const entries: Record<string, Node> = {};
  for (const entry of await readFolder(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) entries[entry.name] = await readTree(path);
    else if (entry.isFile()) entries[entry.name] = file(await readFile(path));
    else throw new Error(`${path}: neither a file nor a folder, so it cannot go into an image`);
  }
  return directory(entries);
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new Error(
      `${folder}: the configuration names this folder, and it cannot be read (${(cause as NodeJS.ErrnoException).code}); ` +
        'folders are looked for beside the configuration file: make it, or name another',
      { cause },
    );
  }
}

export function recipePath(path: string): string {
  return join(repositoryRoot, path);
}
