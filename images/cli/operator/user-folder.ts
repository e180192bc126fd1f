import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** XDG Base Directory Specification 0.8: the user's own folder for what `lares` keeps: keys and pinned fingerprints. */
export function userFolder(): string {
  const configured = process.env['XDG_CONFIG_HOME'];
  return join(configured || join(homedir(), '.config'), 'lares');
}

/** The path of a file in it; the folder is made, closed to others. */
export async function userFile(name: string): Promise<string> {
  await mkdir(userFolder(), { recursive: true, mode: 0o700 });
  return join(userFolder(), name);
}
