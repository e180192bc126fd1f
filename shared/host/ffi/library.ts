import { dlopen, getInt32 } from 'node:ffi';
import { constants } from 'node:os';

/**
 * The running process as a library: libc and OpenSSL as node has them loaded. Nothing is read from disk, so it works
 * in an image without any library search path.
 */
export const processLibrary: ReturnType<typeof dlopen>['lib'] = dlopen(null).lib;

/** Nothing to be had now; and a signal came first: what is not asked to wait is asked again. */
export const { EAGAIN, EINTR } = constants.errno;

/** A failed system call: the call's name, the error's symbol, and what it was about. */
export class SystemCallError extends Error {
  override name = 'SystemCallError';
  readonly errno: number;
  readonly code: string;
  readonly call: string;

  constructor(call: string, errno: number, about: string) {
    const code = errorCode(errno);
    super(`${call}${about === '' ? '' : ` ${about}`}: ${code}`);
    this.call = call;
    this.errno = errno;
    this.code = code;
  }
}

const codeByErrno: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([code, errno]) => [errno, code]),
);

/** 'EPERM' for 1, and so on; 'errno 600' for a number the system does not name. */
export function errorCode(errno: number): string {
  return codeByErrno.get(errno) ?? `errno ${errno}`;
}

// glibc gives each thread its errno at an address that never changes, so it is asked for once per thread (each worker
// has its own instance of this module).
const errnoAddress = processLibrary.getFunction('__errno_location', {
  arguments: [],
  return: 'pointer',
})();

/** The calling thread's errno. Read it directly after the call: anything in between may overwrite it. */
export function lastErrno(): number {
  return getInt32(errnoAddress);
}

/** `result`, or a {@link SystemCallError} where it is the −1 by which libc reports a failure. */
export function checkResult<T extends number | bigint>(result: T, call: string, about = ''): T {
  if (result < 0) throw new SystemCallError(call, lastErrno(), about);
  return result;
}
