import type { ArgumentTest, Rule } from '../../protocols/seccomp/filter.ts';
import type { SystemCall } from '../../protocols/seccomp/system-calls.ts';

/**
 * The system calls that a locked machine still makes: those of Node and glibc, as traced of the running service, and
 * the few of PID 1. Everything else answers EPERM: execve, ptrace, bpf, modules, mounts, namespaces, keys, tracing.
 */

const MEMORY: readonly SystemCall[] = [
  // V8 compiles to memory that it makes executable; a filter cannot tell that from anything worse.
  'brk',
  'mmap',
  'mprotect',
  'mremap',
  'munmap',
  'madvise',
  'mlock',
  'munlock',
  'membarrier',
  'memfd_create',
];
const THREADS: readonly SystemCall[] = [
  'futex',
  'set_robust_list',
  'get_robust_list',
  'set_tid_address',
  'rseq',
  'arch_prctl',
  'sched_yield',
  'sched_getaffinity',
  'sched_getparam',
  'sched_getscheduler',
  'getcpu',
  'exit',
  'exit_group',
  'gettid',
  'getpid',
  'getppid',
  'restart_syscall',
];
const SIGNALS: readonly SystemCall[] = ['rt_sigaction', 'rt_sigprocmask', 'rt_sigreturn', 'sigaltstack'];
const TIME: readonly SystemCall[] = [
  'clock_gettime',
  'clock_getres',
  'clock_nanosleep',
  'nanosleep',
  'gettimeofday',
  'time',
];
const EVENTS: readonly SystemCall[] = [
  'epoll_create1',
  'epoll_ctl',
  'epoll_wait',
  'epoll_pwait',
  'epoll_pwait2',
  'poll',
  'ppoll',
  'eventfd2',
  'pipe2',
];
const DESCRIPTORS: readonly SystemCall[] = [
  'read',
  'write',
  'readv',
  'writev',
  'pread64',
  'pwrite64',
  'preadv',
  'pwritev',
  'close',
  'dup',
  'dup3',
  'fcntl',
  'lseek',
  'sendfile',
  'copy_file_range',
  'fadvise64',
];
const FILES: readonly SystemCall[] = [
  'openat',
  'stat',
  'lstat',
  'fstat',
  'newfstatat',
  'statx',
  'statfs',
  'fstatfs',
  'getdents64',
  'access',
  'faccessat',
  'faccessat2',
  'readlink',
  'readlinkat',
  'getcwd',
  'umask',
  'flock',
  'fsync',
  'fdatasync',
  'sync',
  'syncfs',
  'fallocate',
  'truncate',
  'ftruncate',
  'rename',
  'renameat',
  'renameat2',
  'unlink',
  'unlinkat',
  'mkdir',
  'mkdirat',
  'rmdir',
  'utimensat',
  'chmod',
  'fchmod',
  'fchmodat',
  'fchmodat2',
  // Snapshots of the stores.
  'link',
  'linkat',
  // SQLite gives a journal its data base's owner.
  'chown',
  'fchown',
  'fchownat',
];
const SOCKETS: readonly SystemCall[] = [
  'socketpair',
  'bind',
  'listen',
  'accept',
  'accept4',
  'connect',
  'shutdown',
  'sendto',
  'recvfrom',
  'sendmsg',
  'recvmsg',
  'sendmmsg',
  'recvmmsg',
  'getsockname',
  'getpeername',
  'getsockopt',
  'setsockopt',
];
const FACTS: readonly SystemCall[] = [
  'getrandom',
  'uname',
  'sysinfo',
  'getrusage',
  'getrlimit',
  'getuid',
  'geteuid',
  'getgid',
  'getegid',
  'getresuid',
  'getresgid',
  'capget',
];
/** What PID 1 does at the end and now and then: it raises one of its few capabilities for each of these. */
const MACHINE: readonly SystemCall[] = [
  'capset',
  'umount2',
  'reboot',
  'clock_settime',
  'clock_adjtime',
  'adjtimex',
];

const ENOSYS = 38;
const CLONE_THREAD = 0x10000;
const SOCKET_TYPE_MASK = 0xf;
const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16];
const [SOCK_STREAM, SOCK_DGRAM] = [1, 2];
const NETLINK_ROUTE = 0;

function equals(argument: number, ...values: number[]): ArgumentTest[][] {
  return values.map(value => [{ argument, equals: value }]);
}

function internetSocket(family: number, type: number): ArgumentTest[] {
  return [
    { argument: 0, equals: family },
    { argument: 1, mask: SOCKET_TYPE_MASK, equals: type },
  ];
}

/** linux/prctl.h: names of threads and of memory areas; whether a core may be dumped; the capability bound. */
const PRCTL_OPERATIONS = [3, 15, 16, 23, 0x53564d41];
/** asm-generic/ioctls.h: terminal settings, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX; linux/watchdog.h: set, keep alive. */
const IOCTL_REQUESTS = [0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451, 0xc0045706, 0x80045705];

function conditionalRules(processId: number): Rule[] {
  return [
    // New threads, never new processes.
    { call: 'clone', when: [[{ argument: 0, mask: CLONE_THREAD, equals: CLONE_THREAD }]] },
    // Its flags lie in memory, where a filter cannot look; glibc then takes clone.
    { call: 'clone3', when: [], otherwise: ENOSYS },
    {
      call: 'socket',
      when: [
        ...equals(0, AF_UNIX),
        ...[AF_INET, AF_INET6].flatMap(family =>
          [SOCK_STREAM, SOCK_DGRAM].map(type => internetSocket(family, type)),
        ),
        // The list of addresses.
        [
          { argument: 0, equals: AF_NETLINK },
          { argument: 2, equals: NETLINK_ROUTE },
        ],
      ],
    },
    { call: 'ioctl', when: equals(1, ...IOCTL_REQUESTS) },
    { call: 'prctl', when: equals(0, ...PRCTL_OPERATIONS) },
    { call: 'prlimit64', when: equals(0, 0) },
    // abort(3) signals its own process alone.
    { call: 'tgkill', when: equals(0, processId) },
  ];
}

/** The rules for a process of that number, as every image has them; a service may add its own. */
export function allowList(processId: number, added: readonly Rule[] = []): Rule[] {
  const plain = [
    ...[MEMORY, THREADS, SIGNALS, TIME, EVENTS, DESCRIPTORS, FILES, SOCKETS, FACTS, MACHINE].flat(),
  ].map(call => ({ call }));
  return [...plain, ...conditionalRules(processId), ...added];
}

/** How many system calls an image allows: it stands in the manifest. `clone3` is named only to be refused. */
export const ALLOWED_CALLS: number = allowList(1).filter(rule => rule.otherwise === undefined).length;
