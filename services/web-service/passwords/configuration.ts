import * as z from 'zod';
import { parseScryptHash } from '../../../shared/components/passwords/scrypt-hash.ts';

/** One household's; a larger crowd has a login page of its own. */
const USERS_MAX = 100;
const FOLDERS_MAX = 32;

/** RFC 7617 §2: no colon and no control character. */
const USER = /^([^:\p{Cc}]{1,64}):(\$.*)$/u;

const user = z.string().superRefine((line, context) => {
  const [, , hash] = USER.exec(line) ?? [];
  const parsed = parseScryptHash(hash ?? '');
  if (hash === undefined || !parsed.ok)
    context.addIssue({
      code: 'custom',
      message:
        parsed.ok || parsed.error === 'not a hash'
          ? 'a user and a hash, as `npm run lares -- web password NAME` prints them'
          : 'the hash needs more than 64 MiB or 16 rounds for each visitor',
    });
});

/** Folders of a site that ask for a password. */
export const passwordFolders = z
  .array(
    z.strictObject({
      folder: z
        .string()
        .regex(/^\/(?:[^/\\%\p{Cc}]+\/)*$/u)
        .refine(path => !path.split('/').some(name => name === '.' || name === '..'))
        .meta({
          description: 'the path with a slash at both ends; "/" is the whole site',
          examples: ['/private/'],
        }),
      users: z
        .array(user)
        .min(1)
        .max(USERS_MAX)
        .meta({
          description: 'who may enter: lines that `npm run lares -- web password NAME` prints',
          examples: [['anna:$scrypt$ln=14,r=8,p=5$SALT$KEY']],
        }),
    }),
  )
  .max(FOLDERS_MAX)
  .default([])
  .meta({ description: 'folders that ask for a name and a password' });

export type PasswordFolder = z.output<typeof passwordFolders>[number];

/** The folder's names as targets are decoded to. */
export function segmentsOf({ folder }: PasswordFolder): readonly string[] {
  return folder
    .split('/')
    .filter(name => name !== '')
    .map(name => name.normalize('NFC'));
}

/** Name and hash of a line that the schema has taken. */
export function splitUser(line: string): readonly [user: string, hash: string] {
  const [, name = '', hash = ''] = USER.exec(line) ?? [];
  return [name.normalize('NFC'), hash];
}
