import { readFile, rename, writeFile } from 'node:fs/promises';
import { userFile } from './user-folder.ts';

type Known = Readonly<Record<string, string>>;

export type PinOutcome = 'first-contact' | 'known' | 'changed';

/**
 * Compares the fingerprint (SHA-256, lower-case hex) that an appliance showed with the one pinned for `host:port`, and pins it
 * where there is none.
 */
export async function pinAppliance(endpoint: string, sha256: string): Promise<PinOutcome> {
  const known = await load();
  const pinned = known[endpoint];
  if (pinned !== undefined) return pinned === sha256 ? 'known' : 'changed';
  await save({ ...known, [endpoint]: sha256 });
  return 'first-contact';
}

export async function forgetAppliance(endpoint: string): Promise<void> {
  const { [endpoint]: _, ...others } = await load();
  await save(others);
}

export function knownAppliancesPath(): Promise<string> {
  return userFile('known-appliances.json');
}

async function load(): Promise<Known> {
  const path = await knownAppliancesPath();
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return JSON.parse(text) as Known;
  } catch (error) {
    throw new Error(`${path}: is not JSON; correct it, or remove it to pin every appliance anew`, {
      cause: error,
    });
  }
}

async function save(known: Known): Promise<void> {
  const path = await knownAppliancesPath();
  const sorted = Object.fromEntries(
    Object.entries(known).toSorted(([left], [right]) => left.localeCompare(right)),
  );
  await writeFile(`${path}.new`, `${JSON.stringify(sorted, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
