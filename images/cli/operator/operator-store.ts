import { readFile, stat, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import {
  createOperatorKeys,
  formatOperatorFile,
  parseOperatorFile,
  publicOperator,
  type OperatorKeys,
} from '../../../shared/components/operator-keys/operator-file.ts';
import { formatOperator } from '../../../shared/components/operator-keys/operator.ts';
import { userFile } from './user-folder.ts';

const FILE = 'operator.json';

export function operatorFilePath(): Promise<string> {
  return userFile(FILE);
}

/** undefined where there is none. @throws Error with a sentence for people where it cannot be used. */
export async function loadOperator(): Promise<OperatorKeys | undefined> {
  const path = await operatorFilePath();
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`${path}: cannot be read: ${error.message}`, { cause: error });
  });
  if (text === undefined) return undefined;
  if (((await stat(path)).mode & 0o077) !== 0)
    throw new Error(`${path}: others can read your keys; run: chmod 600 ${path}`);
  const parsed = parseOperatorFile(text);
  if (!parsed.ok) throw new Error(`${path}: ${parsed.error}`);
  return parsed.value;
}

/** Makes the operator file, mode 0600; an existing one is never written over. */
export async function createOperator(name: string = defaultName()): Promise<OperatorKeys> {
  const path = await operatorFilePath();
  const keys = await createOperatorKeys(name);
  try {
    await writeFile(path, formatOperatorFile(keys), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${path}: there are keys already; \`lares keys show\` prints their public line`, {
      cause: error,
    });
  }
  return keys;
}

/** The line for `[operator] keys`. `up` puts it into the image, and makes the keys where there are none. */
export async function operatorLine(options: { readonly create: boolean }): Promise<string | undefined> {
  const keys = (await loadOperator()) ?? (options.create ? await createOperator() : undefined);
  return keys && formatOperator(publicOperator(keys));
}

export async function requireOperator(): Promise<OperatorKeys> {
  const keys = await loadOperator();
  if (keys === undefined)
    throw new Error(`${await operatorFilePath()}: there is none yet; run: lares keys create`);
  return keys;
}

function defaultName(): string {
  return `${userInfo().username}@${hostname()}`.replace(/\s+/g, '-').slice(0, 64);
}
