import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { MountRequest } from '../host/ffi/mount.ts';
import { mount } from '../host/ffi/mount.ts';
import { SystemCallError } from '../host/ffi/library.ts';
import { APPLIANCE_ID } from './privileges.ts';

const BUSY = 'EBUSY';
const HARDENED = ['noSuid', 'noDevices', 'noExecute'] as const;

/**
 * What a running machine needs beside its read-only root. The sizes are bounds, not reservations: a tmpfs takes memory
 * only for what is in it. /dev/shm is for V8 and OpenSSL alone, /run for resolv.conf, /tmp for libraries that insist.
 */
const KERNEL_FILE_SYSTEMS: readonly MountRequest[] = [
  { source: 'proc', target: '/proc', type: 'proc', flags: HARDENED },
  { source: 'sysfs', target: '/sys', type: 'sysfs', flags: HARDENED },
  // The kernel mounts it by itself before init where it is built so; EBUSY is then the answer.
  {
    source: 'devtmpfs',
    target: '/dev',
    type: 'devtmpfs',
    flags: ['noSuid', 'noExecute'],
    options: 'mode=0755',
  },
  { source: 'tmpfs', target: '/dev/shm', type: 'tmpfs', flags: HARDENED, options: 'size=16m,mode=1777' },
  { source: 'tmpfs', target: '/run', type: 'tmpfs', flags: HARDENED, options: 'size=4m,mode=0755' },
  { source: 'tmpfs', target: '/tmp', type: 'tmpfs', flags: HARDENED, options: 'size=16m,mode=1777' },
];

/** Mounts the kernel's file systems. @throws SystemCallError where one cannot be and is not there already. */
export function mountKernelFileSystems(): void {
  for (const request of KERNEL_FILE_SYSTEMS) {
    if (request.target === '/dev/shm' && !existsSync(request.target)) mkdirSync(request.target);
    try {
      mount(request);
    } catch (error) {
      if (!(error instanceof SystemCallError) || error.code !== BUSY) throw error;
    }
  }
  chownSync('/run', APPLIANCE_ID, APPLIANCE_ID);
}

/** Settings of the kernel by their path below /proc/sys, and why. */
const KERNEL_SETTINGS: readonly (readonly [path: string, value: string])[] = [
  // The service listens on 80 and 443 as an ordinary user.
  ['net/ipv4/ip_unprivileged_port_start', '0'],
  // Routers are believed (RFC 4861), even should a tunnel switch forwarding on later.
  ['net/ipv6/conf/default/accept_ra', '2'],
  ['net/ipv6/conf/all/accept_ra', '2'],
  ['net/ipv6/conf/default/accept_ra_rt_info_max_plen', '64'],
  // A server keeps one address that others can write down (RFC 8981 is for clients).
  ['net/ipv6/conf/default/use_tempaddr', '0'],
  ['net/ipv6/conf/all/use_tempaddr', '0'],
  // Nobody redirects our packets, and none that claims an address behind another link comes in (RFC 3704).
  ['net/ipv4/conf/all/accept_redirects', '0'],
  ['net/ipv4/conf/default/accept_redirects', '0'],
  ['net/ipv6/conf/all/accept_redirects', '0'],
  ['net/ipv6/conf/default/accept_redirects', '0'],
  ['net/ipv4/conf/all/rp_filter', '2'],
  ['net/ipv4/tcp_syncookies', '1'],
  // A burst of connections waits here until the event loop takes it.
  ['net/core/somaxconn', '4096'],
  // Room for a data plane's batches of datagrams.
  ['net/core/rmem_max', '4194304'],
  ['net/core/wmem_max', '4194304'],
  ['net/core/default_qdisc', 'fq'],
  ['kernel/kptr_restrict', '2'],
  ['kernel/dmesg_restrict', '1'],
  ['fs/protected_symlinks', '1'],
  ['fs/protected_hardlinks', '1'],
  // The safety net below everything: a kernel or an init that died starts anew.
  ['kernel/panic', '5'],
  ['kernel/panic_on_oops', '1'],
];

/** Applies them; a kernel built without one of them has nothing to set. */
export function applyKernelSettings(): void {
  for (const [path, value] of KERNEL_SETTINGS) {
    try {
      writeFileSync(`/proc/sys/${path}`, value);
    } catch {
      continue;
    }
  }
}
