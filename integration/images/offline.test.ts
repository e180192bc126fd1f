import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { createScratch, run } from './scratch.ts';

describe('a build from a filled cache', () => {
  it('needs no network', async () => {
    await using scratch = await createScratch();
    const node = [join(repositoryRoot, 'node_modules/.bin/node'), '--experimental-ffi', '--no-warnings'];
    const lares = [...node, join(repositoryRoot, 'images/cli/main.ts')];
    await run('env', ...lares, 'vendor');
    // A network namespace of its own, with nothing in it but a loopback that is down.
    const isolated = ['--user', '--map-root-user', '--net'];
    const report = await run(
      'unshare',
      ...isolated,
      'env',
      ...lares,
      'build',
      'web-service',
      '--out',
      scratch.path,
    );
    expect(report).toContain('web-service is in');
  });
});
