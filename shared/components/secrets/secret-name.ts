import * as z from 'zod';

/** The name of a secret in a configuration: a file below `secrets/`. */
export const secretName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
