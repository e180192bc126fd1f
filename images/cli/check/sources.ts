import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../repository.ts';
import type { SourceFile } from './layers.ts';

/** The TypeScript files of the working tree that git tracks or would track. */
export function readSources(): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter(path => path !== '' && !path.endsWith('.d.ts'))
    .flatMap(path => {
      try {
        return [{ path, text: readFileSync(join(repositoryRoot, path), 'utf8') }];
      } catch (error) {
        // A file that was deleted but not yet committed is still listed.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    });
}
