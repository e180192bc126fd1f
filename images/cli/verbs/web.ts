import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { formatScryptHash, hashPassword } from '../../../shared/components/passwords/scrypt-hash.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'web password NAME: asks for a password and prints the line for password-folders',
  async run([action, user, ...others]) {
    if (action !== 'password' || user === undefined || others.length > 0) {
      console.error('lares web: say `password NAME`');
      return 2;
    }
    // RFC 7617 §2: a user-id has no colon, and neither name nor password control characters.
    if (!/^[^:\p{Cc}]{1,64}$/u.test(user))
      throw new Error('a name has 1 to 64 characters and no colon among them');
    const password = await readPassword(user);
    if (password === '' || /\p{Cc}/u.test(password)) throw new Error('this is no password');
    const line = `${user.normalize('NFC')}:${formatScryptHash(await hashPassword(password))}`;
    console.error('For the configuration, in users = [ … ] of a [[web-service.password-folders]]:');
    console.log(JSON.stringify(line));
    return 0;
  },
};

/** From a terminal twice and unseen; else the first line of standard input. */
async function readPassword(user: string): Promise<string> {
  if (!process.stdin.isTTY) {
    for await (const line of createInterface({ input: process.stdin })) return line;
    return '';
  }
  const [once, again] = [await ask(`Password for ${user}: `), await ask('The same again: ')];
  if (once !== again) throw new Error('the two were not the same');
  return once;
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
