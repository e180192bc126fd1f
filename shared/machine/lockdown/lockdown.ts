import { thisArchitecture } from '../../host/ffi/architecture.ts';
import { installSeccompFilter, setNoNewPrivileges, tryExecve } from '../../host/ffi/privileges.ts';
import type { Rule } from '../../protocols/seccomp/filter.ts';
import { buildFilter } from '../../protocols/seccomp/filter.ts';
import { allowList } from './allow-list.ts';

/** execve(2) found no such program, so it was let through: there is no lock. */
const NOT_REFUSED = 'ENOENT';

/**
 * Puts the filter on every thread, those to come included, and tries what it is for. Gives what execve answers
 * afterwards: 'EPERM', or 'allowed'. `added` are calls beyond the usual. @throws where the kernel refuses the filter.
 */
export function lockDownProcess(added: readonly Rule[] = []): string {
  setNoNewPrivileges();
  installSeccompFilter(buildFilter(allowList(process.pid, added), thisArchitecture()));
  return tryLockdown();
}

/** What execve answers now. */
export function tryLockdown(): string {
  const answer = tryExecve();
  return answer === NOT_REFUSED ? 'allowed' : answer;
}
