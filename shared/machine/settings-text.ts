import { existsSync, readFileSync } from 'node:fs';
import type { ConfigurationSource } from '../devices/platform.ts';
import { readSecretFiles } from '../host/secret-files.ts';

const FILE = 'lares.toml';

/** A configuration is a page of text; more is a mistake and must not fill the memory. */
const TEXT_BYTES_MAX = 1_048_576;

/** What the owner has written for the machine. */
export interface Settings {
  /** The strongest first. */
  readonly configuration: readonly ConfigurationSource[];
  readonly secrets: Readonly<Record<string, string>>;
}

/** The settings of a folder that any laptop can write; `where` is its name for people. What cannot be read takes nothing else with it. */
export function readSettingsFolder(folder: string, where: string, note: (fault: string) => void): Settings {
  const { secrets, faults } = readSecretFiles(`${folder}/secrets`);
  for (const fault of faults) note(fault);
  return { configuration: readConfiguration(`${folder}/${FILE}`, `${FILE} ${where}`, note), secrets };
}

/** At most one text; none where there is no such file, or it cannot be read, which is told and passed over. */
export function readConfiguration(
  file: string,
  origin: string,
  note: (fault: string) => void,
): ConfigurationSource[] {
  try {
    return existsSync(file) ? [{ origin, text: readText(file) }] : [];
  } catch (error) {
    note(`${origin} cannot be read: ${String(error)}`);
    return [];
  }
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  if (bytes.length > TEXT_BYTES_MAX)
    throw new Error(`${file} has ${bytes.length} bytes; ${TEXT_BYTES_MAX} at most are read`);
  // Editors on Windows begin a file with a byte order mark, which TOML does not know.
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
