import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from './system-error.ts';

/** A secret is a line or a page of text; more is a mistake and must not fill the memory. */
const SECRET_BYTES_MAX = 1_048_576;

/** The secrets of a folder by name, each a file. One that cannot be read takes no other one with it. */
export interface SecretFiles {
  readonly secrets: Readonly<Record<string, string>>;
  /** A sentence for each that is not among them. */
  readonly faults: readonly string[];
}

/** Symbolic links are followed; hidden files are what editors and desktops leave behind. */
export function readSecretFiles(folder: string): SecretFiles {
  const secrets: [string, string][] = [];
  const faults: string[] = [];
  for (const name of listNames(folder, faults)) {
    const file = join(folder, name);
    try {
      secrets.push([name, readSecret(file)]);
    } catch (error) {
      faults.push(`the secret ${name} is not used: ${file} ${(error as Error).message}`);
    }
  }
  return { secrets: Object.fromEntries(secrets), faults };
}

function listNames(folder: string, faults: string[]): string[] {
  try {
    return readdirSync(folder).filter(name => !name.startsWith('.'));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'ENOENT') faults.push(`no secrets are used: the folder ${folder} cannot be read (${code})`);
    return [];
  }
}

function readSecret(file: string): string {
  const seen = attempt(() => statSync(file));
  if (!seen.isFile()) throw new Error('is not a file');
  if (seen.size > SECRET_BYTES_MAX)
    throw new Error(`has ${seen.size} bytes; ${SECRET_BYTES_MAX} at most are read`);
  // Editors on Windows begin a file with a byte order mark, which belongs to no secret.
  return attempt(() => readFileSync(file, 'utf8')).replace(/^\uFEFF/, '');
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`cannot be read (${systemErrorCode(cause)})`, { cause });
  }
}
