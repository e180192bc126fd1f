import { parseName } from '../../../shared/protocols/dns/name.ts';
import { createTsigSecret, secretNameOf } from './tsig-key-file.ts';

/** Makes the secret in a file and prints what each side's configuration needs; the secret itself is never shown. @throws Error for people. */
export async function createTsigKey(text: string, folder: string): Promise<number> {
  const name = parseName(text);
  if (!name.ok || !/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(text))
    throw new Error(
      `'${text}' is no name of a key; letters, digits, hyphens and dots make one, such as lares-web`,
    );
  const file = await createTsigSecret(name.value, folder);
  console.error(
    `Made ${file}. Both sides need this file, in the folder secrets beside lares.toml, and nobody else.`,
  );
  for (const line of linesFor(text, secretNameOf(name.value))) console.log(line);
  return 0;
}

function linesFor(key: string, secret: string): string[] {
  return [
    '# In the lares.toml of the DNS service:',
    '[[dns-service.keys]]',
    `name = "${key}"`,
    `secret = "${secret}"`,
    '',
    '# There, in the table of each zone that the holder may change: which names and types (here those of certificates)',
    `update = [{ key = "${key}", names = ["_acme-challenge.*"], types = ["TXT"] }]`,
    '# or may fetch:',
    `transfer-to = [{ key = "${key}" }]`,
    '',
    '# In the lares.toml of an appliance that proves its names by dns-01:',
    '[certificates]',
    'challenges = ["dns-01"]',
    '',
    '[certificates.dns]',
    'server = "ns1.example.org"   # the DNS service',
    `key-name = "${key}"`,
    `key-secret = "${secret}"`,
  ];
}
