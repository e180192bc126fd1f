import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { formatName, parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import { TSIG_ALGORITHMS, type TsigAlgorithm, type TsigKey } from '../../../shared/protocols/dns/tsig-mac.ts';

/** RFC 8945 §10: as long as the output of the hash, so that it is no easier to guess than a signature. */
const SECRET_BYTES = 32;
/** What a bare secret is for, as in [[dns-service.keys]] without `algorithm`. */
const ALGORITHM: TsigAlgorithm = 'hmac-sha256';
const PREFIX = 'tsig-';

/** The name of the secret of a key, as it stands in configurations: letters, digits and hyphens. */
export function secretNameOf(key: Name): string {
  const plain = formatName(key)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return `${PREFIX}${plain.replace(/^-|-$/g, '')}`.slice(0, 63).replace(/-$/, '');
}

/** Makes a secret in a file of that folder, which nobody else can read; an existing one is never written over. @throws Error for people. */
export async function createTsigSecret(key: Name, folder: string): Promise<string> {
  const file = join(folder, secretNameOf(key));
  const text = `${randomBytes(SECRET_BYTES).toString('base64')}\n`;
  await writeFile(file, text, { mode: 0o600, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'EEXIST'
        ? 'is there already; name another key, or take that file away where nobody uses it any more'
        : cause.code === 'ENOENT'
          ? `cannot be made: there is no folder ${folder}; it belongs beside lares.toml`
          : `cannot be made (${cause.code})`;
    throw new Error(`${file}: ${why}`, { cause });
  });
  return file;
}

/**
 * A key from the file that `lares keys tsig` made, whose name tells the key's where `name` does not, or from one of BIND's (`key "NAME" { … };`).
 * @throws Error for people, without what stands in the file.
 */
export async function readTsigKey(file: string, name?: string): Promise<TsigKey> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${file}: this key cannot be read (${cause.code})`, { cause });
  });
  const key = parseBare(text, name ?? basename(file).replace(PREFIX, '')) ?? parseBind(text);
  if (key !== undefined) return key;
  throw new Error(
    `${file}: no TSIG key; right is a file of \`lares keys tsig NAME\`, or: key "NAME" { algorithm ${ALGORITHM}; secret "BASE64"; };`,
  );
}

function parseBare(text: string, nameText: string): TsigKey | undefined {
  const base64 = text.trim();
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? keyOf(nameText, ALGORITHM, base64) : undefined;
}

function parseBind(text: string): TsigKey | undefined {
  const [, name = '', body = ''] = /^\s*key\s+"?([^"\s{]+)"?\s*\{([^}]*)\}\s*;?\s*$/.exec(text) ?? [];
  const [, algorithm = ''] = /(?:^|[\s;])algorithm\s+"?([a-z0-9-]+)"?\s*;/i.exec(body) ?? [];
  const [, base64 = ''] = /(?:^|[\s;])secret\s+"?([A-Za-z0-9+/]+={0,2})"?\s*;/.exec(body) ?? [];
  return keyOf(name, algorithm, base64);
}

function keyOf(nameText: string, algorithmText: string, base64: string): TsigKey | undefined {
  const name = parseName(nameText);
  const algorithm = TSIG_ALGORITHMS.find(each => each === algorithmText.toLowerCase());
  const secret = Buffer.from(base64, 'base64');
  if (!name.ok || name.value.length === 0 || algorithm === undefined || secret.length === 0) return undefined;
  return { name: name.value, algorithm, secret };
}
