import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findMirrors } from '../../../images/debian/sources.ts';

const run = promisify(execFile);

/** Says when PID 1 starts, in the words that Lares' own images use, and becomes systemd. */
const MEASURED_INIT = `#!/bin/sh
read uptime idle < /proc/uptime
echo "lares: pid 1 after $uptime s" > /dev/console
exec /sbin/init
`;

/** What QEMU needs to start a peer directly, without a boot loader. */
export interface PeerGuest {
  readonly kernel: string;
  readonly initrd?: string;
  readonly disk: string;
  readonly commandLine: string;
}

const NGINX_SITE = `server {
  listen 443 ssl;
  ssl_certificate /etc/nginx/certificate.pem;
  ssl_certificate_key /etc/nginx/key.pem;
  root /var/www/html;
}
`;

/**
 * A minimal Debian 12 (debootstrap's minbase, systemd, the cloud kernel that Debian makes for virtual machines) that
 * serves one page over HTTPS with nginx and gets its address by DHCP. Needs root; made once and kept in `cache`.
 */
export async function buildDebianGuest(cache: string): Promise<PeerGuest> {
  const root = join(cache, 'debian-root');
  const disk = join(cache, 'debian.ext4');
  if (!(await exists(disk))) {
    await debootstrap(root);
    await configureDebian(root);
    await makeFilesystem(root, disk, 1200);
  }
  const boot = await readdir(join(root, 'boot'));
  const named = (prefix: string): string =>
    join(root, 'boot', boot.find(name => name.startsWith(prefix)) ?? prefix);
  return {
    kernel: named('vmlinuz-'),
    initrd: named('initrd.img-'),
    disk,
    commandLine: 'root=/dev/vda ro console=ttyS0 quiet init=/measured-init',
  };
}

async function debootstrap(root: string): Promise<void> {
  const { main } = await findMirrors();
  const partial = `${root}.partial`;
  for (const folder of [partial, root]) await rm(folder, { recursive: true, force: true });
  const packages = ['systemd-sysv', 'nginx-light', 'linux-image-cloud-amd64', 'initramfs-tools', 'openssl'];
  await run(
    'debootstrap',
    ['--variant=minbase', `--include=${packages.join(',')}`, 'bookworm', partial, main],
    {
      maxBuffer: 1 << 26,
    },
  );
  await rename(partial, root);
}

async function configureDebian(root: string): Promise<void> {
  await configureNginx(root);
  await writeFile(
    join(root, 'etc/systemd/network/wired.network'),
    '[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n',
  );
  await writeFile(join(root, 'measured-init'), MEASURED_INIT, { mode: 0o755 });
  await writeFile(join(root, 'etc/fstab'), '/dev/vda / ext4 defaults 0 1\n');
  await run('chroot', [root, 'systemctl', 'enable', 'systemd-networkd', 'nginx']);
  // As lean as an operator who cares for boot time would make it: no wait-online, no periodic jobs, no getty on VGA.
  const unneeded = [
    'systemd-networkd-wait-online',
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'getty@tty1',
  ];
  await run('chroot', [root, 'systemctl', 'mask', ...unneeded]);
}

async function configureNginx(root: string): Promise<void> {
  await writeFile(join(root, 'etc/nginx/conf.d/page.conf'), NGINX_SITE);
  await rm(join(root, 'etc/nginx/sites-enabled/default'), { force: true });
  await mkdir(join(root, 'var/www/html'), { recursive: true });
  await writeFile(join(root, 'var/www/html/index.html'), '<!doctype html><title>peer</title><p>nginx</p>\n');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem'];
  await run(
    'openssl',
    ['req', '-x509', '-subj', '/CN=peer', '-days', '30', '-out', 'certificate.pem', ...key],
    {
      cwd: join(root, 'etc/nginx'),
    },
  );
}

/**
 * nginx on Lares' own kernel: its files and libraries, busybox, and a shell script of six lines as PID 1. What is
 * left of a distribution when everything but the server is taken away.
 */
export async function buildBareGuest(cache: string, kernel: string): Promise<PeerGuest> {
  const debian = join(cache, 'debian-root');
  const root = join(cache, 'bare-root');
  const disk = join(cache, 'bare.ext4');
  if (!(await exists(disk))) {
    await rm(root, { recursive: true, force: true });
    for (const folder of [
      'proc',
      'sys',
      'dev',
      'run',
      'tmp',
      'var/log/nginx',
      'var/lib/nginx',
      'bin',
      'usr/sbin',
    ])
      await mkdir(join(root, folder), { recursive: true });
    await run('cp', [
      '-a',
      join(debian, 'etc/nginx'),
      join(debian, 'etc/passwd'),
      join(debian, 'etc/group'),
      root,
    ]);
    await mkdir(join(root, 'etc'));
    for (const name of ['nginx', 'passwd', 'group']) await rename(join(root, name), join(root, 'etc', name));
    await run('cp', ['-a', '--parents', 'var/www/html', root], { cwd: debian });
    await copyProgram(debian, '/usr/sbin/nginx', root);
    await copyFile('/bin/busybox', join(root, 'bin/busybox'));
    await writeFile(join(root, 'etc/nginx/bare.conf'), BARE_NGINX);
    await writeFile(join(root, 'init'), BARE_INIT, { mode: 0o755 });
    await makeFilesystem(root, disk, 64);
  }
  return { kernel, disk, commandLine: 'root=/dev/vda rw console=ttyS0 quiet init=/bin/busybox -- sh /init' };
}

// QEMU's user-mode network always gives the first guest this address.
const BARE_INIT = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
read uptime idle < /proc/uptime
echo "lares: pid 1 after $uptime s"
/bin/busybox ip link set lo up
/bin/busybox ip link set eth0 up
/bin/busybox ip addr add 10.0.2.15/24 dev eth0
exec /usr/sbin/nginx -c /etc/nginx/bare.conf
`;

const BARE_NGINX = `daemon off;
user root;
worker_processes 1;
error_log stderr;
events {}
http { access_log off; include /etc/nginx/conf.d/page.conf; }
`;

/** Copies a program of the tree `from` with its modules' and its own libraries, as its loader names them. */
async function copyProgram(from: string, program: string, to: string): Promise<void> {
  const { stdout } = await run('chroot', [from, 'ldd', program]);
  const libraries = [...stdout.matchAll(/(\/[^\s)]+)/g)].map(match => match[1] ?? '');
  for (const path of new Set([program, ...libraries])) {
    await mkdir(join(to, path, '..'), { recursive: true });
    await copyFile(join(from, path), join(to, path));
  }
}

async function makeFilesystem(root: string, disk: string, sizeMiB: number): Promise<void> {
  const partial = `${disk}.partial`;
  await rm(partial, { force: true });
  await run('mke2fs', ['-q', '-t', 'ext4', '-d', root, partial, `${sizeMiB}M`]);
  await rename(partial, disk);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
