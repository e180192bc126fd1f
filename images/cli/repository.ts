import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout that this command belongs to. */
export const repositoryRoot: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
