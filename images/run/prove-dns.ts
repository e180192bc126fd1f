import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TYPE } from '../../shared/protocols/dns/message.ts';
import { formatData } from '../../shared/protocols/dns/record-types/presentation.ts';

export interface ProvenZone {
  readonly zone: string;
  /** On 127.0.0.1. */
  readonly port: number;
  /** The data of one of its DNSKEY records: all that is trusted. */
  readonly dnskey: Uint8Array;
}

/** What delv shall find, by name below the zone of configs/dns-service.toml. */
const QUESTIONS = [
  ['www', 'A', '; fully validated'],
  ['www', 'MX', '; negative response, fully validated'],
  ['missing', 'A', '; negative response, fully validated'],
  ['any.wild', 'TXT', '; fully validated'],
  ['sub', 'DS', '; negative response, fully validated'],
] as const;

/**
 * Has delv, BIND's validator, prove a record, no data, no name, what a wildcard makes, and a delegation without DS.
 * @throws Error that has what delv says, or how it is installed
 */
export async function proveAnswers({ zone, port, dnskey }: ProvenZone): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-delv-'));
  try {
    const anchors = join(folder, 'anchors');
    const [flags, protocol, algorithm, ...key] = formatData(TYPE.DNSKEY, dnskey).split(' ');
    const words = [`${zone}.`, 'static-key', flags, protocol, algorithm, `"${key.join('')}"`];
    await writeFile(anchors, `trust-anchors { ${words.join(' ')}; };\n`);
    const server = ['@127.0.0.1', '-p', String(port), '-a', anchors, `+root=${zone}`];
    for (const [name, type, verdict] of QUESTIONS) {
      const said = await delv([...server, `${name}.${zone}`, type]);
      if (!said.split('\n').includes(verdict))
        throw new Error(`delv does not prove the answer to ${name}.${zone} ${type}:\n${said}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function delv(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('delv', args, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT')
        reject(
          new Error('delv proves the signatures, and is missing; on Debian: apt-get install bind9-dnsutils'),
        );
      else resolve(stdout + stderr);
    });
  });
}
