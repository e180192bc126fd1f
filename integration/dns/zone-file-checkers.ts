import { join } from 'node:path';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { run } from '../images/scratch.ts';

/** The bootstrap unpacks it there: installed, nsd would be started and take port 53 of this machine. */
const NSD_CHECKZONE = join(repositoryRoot, '.cache/peers/nsd/usr/sbin/nsd-checkzone');

/** The zone that all files here are of. */
export const ZONE = 'lares.test';

/** What name servers check a zone with before they take it. As strictly as each can, without asking the network. */
const checkers: Readonly<Record<string, (file: string) => readonly [string, ...string[]]>> = {
  // As named judges a primary zone: owners and targets that are no host names are errors.
  BIND: file => ['named-checkzone', '-i', 'local', '-k', 'fail', ZONE, file],
  NSD: file => [NSD_CHECKZONE, ZONE, file],
  Knot: file => ['kzonecheck', '-o', `${ZONE}.`, file],
};

/** The servers that refuse the zone, each with its reasons. */
export async function refusalsOf(file: string): Promise<Record<string, string>> {
  const verdicts = await Promise.all(
    Object.entries(checkers).map(async ([name, command]) => {
      try {
        await run(...command(file));
        return [];
      } catch (error) {
        return [[name, String(error)]];
      }
    }),
  );
  return Object.fromEntries(verdicts.flat()) as Record<string, string>;
}

/** The zone as BIND understands it, a record a line. */
export async function dumpByBind(file: string): Promise<string[]> {
  const dump = await run('named-checkzone', '-D', '-i', 'none', '-k', 'ignore', '-q', ZONE, file);
  return dump.split('\n').filter(line => line.startsWith('lares.test.') || line.includes('.lares.test.\t'));
}
