import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatAbsoluteName } from '../../shared/protocols/dns/absolute-name.ts';
import { encodeDnskey, type Dnskey } from '../../shared/protocols/dns/dnssec/dnskey.ts';
import { TYPE } from '../../shared/protocols/dns/message.ts';
import type { Name } from '../../shared/protocols/dns/name.ts';
import { formatData } from '../../shared/protocols/dns/record-types/presentation.ts';

/** Where a zone is answered, and the one key that is trusted for it. */
export interface Trusted {
  readonly apex: Name;
  readonly port: number;
  readonly key: Dnskey;
}

export interface ValidatedQuestion {
  readonly name: Name;
  readonly type: number;
  /** Whether it is answered by records; otherwise by a proof that there are none. */
  readonly positive: boolean;
}

/** A program that asks, and proves what it is answered from a trusted key. */
export interface Validator {
  readonly name: string;
  /** What it has against the answer; undefined: it proved it. */
  complaint(question: ValidatedQuestion): Promise<string | undefined>;
}

/** delv (BIND) and unbound-host. Their configuration is written into `folder`. */
export async function createValidators(folder: string, trusted: Trusted): Promise<readonly Validator[]> {
  return [await delv(folder, trusted), await unboundHost(folder, trusted)];
}

async function delv(folder: string, { apex, port, key }: Trusted): Promise<Validator> {
  const zone = formatAbsoluteName(apex);
  const [flags, protocol, algorithm, publicKey] = keyWords(key);
  const anchors = join(folder, 'delv.anchors');
  const words = `"${zone}" static-key ${flags} ${protocol} ${algorithm} "${publicKey}"`;
  await writeFile(anchors, `trust-anchors { ${words}; };\n`);
  const server = ['@127.0.0.1', '-p', String(port), '-a', anchors, `+root=${zone}`];
  return {
    name: 'delv',
    async complaint({ name, type, positive }) {
      const said = await say('delv', [...server, '-q', formatAbsoluteName(name), '-t', `TYPE${type}`]);
      const verdict = positive ? /^; fully validated$/m : /^; negative response, fully validated$/m;
      return verdict.test(said) ? undefined : said;
    },
  };
}

async function unboundHost(folder: string, { apex, port, key }: Trusted): Promise<Validator> {
  const zone = formatAbsoluteName(apex);
  const file = join(folder, 'unbound.conf');
  const configuration = `server:
  directory: "${folder}"
  chroot: ""
  username: ""
  use-syslog: no
  do-ip6: no
  do-not-query-localhost: no
  local-zone: "test." nodefault
  trust-anchor: "${zone} DNSKEY ${keyWords(key).join(' ')}"
stub-zone:
  name: "${zone}"
  stub-addr: 127.0.0.1@${port}
`;
  await writeFile(file, configuration);
  return {
    name: 'unbound-host',
    async complaint({ name, type, positive }) {
      const question = ['-t', `TYPE${type}`, '--', formatAbsoluteName(name)];
      const said = await say('unbound-host', ['-C', file, '-v', ...question]);
      const lines = said.split('\n').filter(line => line !== '');
      const isNegative = / has no |not found: /.test(said);
      const isProven = lines.length > 0 && lines.every(line => line.endsWith('(secure)'));
      return isProven && isNegative !== positive ? undefined : said;
    },
  };
}

/** As in a DNSKEY record (RFC 4034 §2.2), the key in one piece. */
function keyWords(key: Dnskey): readonly string[] {
  const [flags = '', protocol = '', algorithm = '', ...publicKey] = formatData(
    TYPE.DNSKEY,
    encodeDnskey(key),
  ).split(' ');
  return [flags, protocol, algorithm, publicKey.join('')];
}

const run = promisify(execFile);
const PATIENCE_MS = 30_000;

/** All that it wrote, also where it ended with a failure. */
async function say(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(program, args, { timeout: PATIENCE_MS });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string };
    return `${message}\n${stdout ?? ''}${stderr ?? ''}`;
  }
}
