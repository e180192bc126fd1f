import type { Architecture } from './architecture.ts';
import { thisArchitecture } from './architecture.ts';
import { cString } from './c-string.ts';
import type { FilterInstruction } from './filter-program.ts';
import { encodeFilterProgram } from './filter-program.ts';
import { checkResult, errorCode, lastErrno, processLibrary } from './library.ts';

/** Linux uapi linux/prctl.h and linux/seccomp.h. */
const PR_SET_DUMPABLE = 4;
const PR_SET_KEEPCAPS = 8;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;
const SECCOMP_CALL: Readonly<Record<Architecture, number>> = { x86_64: 317, aarch64: 277 };
/** _LINUX_CAPABILITY_VERSION_3: two words of 32 bits for each set. */
const CAPABILITY_VERSION = 0x20080522;

/** Linux uapi linux/capability.h: the few that a machine may keep. */
export const CAPABILITY = { netAdmin: 12, sysAdmin: 21, sysBoot: 22, sysTime: 25 } as const;
export type Capability = keyof typeof CAPABILITY;

const { prctl, capset, syscall, execve } = processLibrary.getFunctions({
  prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
  capset: { arguments: ['pointer', 'pointer'], return: 'i32' },
  syscall: { arguments: ['i64', 'u64', 'u64', 'pointer'], return: 'i64' },
  execve: { arguments: ['pointer', 'pointer', 'pointer'], return: 'i32' },
});

/** Nothing executed from here on gains privileges; needed before a filter. This thread and those it starts. */
export function setNoNewPrivileges(): void {
  checkResult(prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n), 'prctl', 'PR_SET_NO_NEW_PRIVS');
}

/**
 * Puts this process's threads under user and group `id`: every capability is gone at once from every thread but the
 * calling one, which keeps `kept` permitted and none effective. Raise them by {@link withCapabilities}.
 */
export function giveUpRoot(id: number, kept: readonly Capability[]): void {
  checkResult(prctl(PR_SET_KEEPCAPS, 1n, 0n, 0n, 0n), 'prctl', 'PR_SET_KEEPCAPS');
  process.setgroups?.([]);
  process.setgid?.(id);
  process.setuid?.(id);
  setCapabilities([], kept);
  // A process that changed its user may no longer read its own /proc entries; Node and the status page do.
  checkResult(prctl(PR_SET_DUMPABLE, 1n, 0n, 0n, 0n), 'prctl', 'PR_SET_DUMPABLE');
}

/** The calling thread's effective and permitted sets; the inheritable one is empty. @throws SystemCallError */
export function setCapabilities(effective: readonly Capability[], permitted: readonly Capability[]): void {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(CAPABILITY_VERSION, 0);
  const data = Buffer.alloc(24);
  data.writeUInt32LE(capabilityBits(effective), 0);
  data.writeUInt32LE(capabilityBits(permitted), 4);
  checkResult(capset(header, data), 'capset');
}

export function capabilityBits(capabilities: readonly Capability[]): number {
  return capabilities.reduce((bits, name) => bits | (1 << CAPABILITY[name]), 0) >>> 0;
}

/** Installs a seccomp filter on every thread of this process, those to come included. @throws SystemCallError */
export function installSeccompFilter(filter: readonly FilterInstruction[]): void {
  const program = encodeFilterProgram(filter);
  const call = BigInt(SECCOMP_CALL[thisArchitecture()]);
  const result = syscall(
    call,
    BigInt(SECCOMP_SET_MODE_FILTER),
    BigInt(SECCOMP_FILTER_FLAG_TSYNC),
    program.header,
  );
  // With TSYNC a positive result is the thread that could not be brought under the filter.
  if (result > 0n) throw new Error(`seccomp: thread ${result} has a filter of its own`);
  checkResult(result, 'seccomp', `${program.instructions.length / 8} instructions`);
}

/** What execve answers for a program that does not exist: 'ENOENT' where it is allowed at all, else the refusal. */
export function tryExecve(): string {
  const nothing = Buffer.alloc(8);
  execve(cString('/lares-tries-execve'), nothing, nothing);
  return errorCode(lastErrno());
}
