/** Who may import what. Imports go down only: base ← devices ← protocols ← components ← appliance ← services. */
export interface LayerRule {
  /** Files below this folder; the longest match holds. */
  readonly folder: string;
  /** Folders that may be imported besides the rule's own. */
  readonly mayImport: readonly string[];
  readonly reason: string;
  readonly allowsBuiltin: (name: string) => boolean;
  readonly builtinReason: string;
  readonly allowsPackage: (name: string) => boolean;
  readonly packageReason: string;
  /** The folders directly below are separate: none imports another. */
  readonly rooms?: boolean;
}

const BASE = 'shared/base/';
const DEVICES = 'shared/devices/';
const PROTOCOLS = 'shared/protocols/';
const COMPONENTS = 'shared/components/';
const APPLIANCE = 'shared/appliance/';
const HOST = 'shared/host/';
const MACHINE = 'shared/machine/';

const nothing = (): boolean => false;
const anything = (): boolean => true;
const only =
  (...names: string[]) =>
  (name: string): boolean =>
    names.includes(name);
const allBut =
  (...names: string[]) =>
  (name: string): boolean =>
    !names.includes(name.split('/')[0] ?? name);

const ffiReason = 'only shared/host/ffi touches node:ffi, so that the unsafe code stays in one folder';
const pureReason =
  'a core is pure: sockets, clocks and files reach it as events and actions, never as imports';
const deviceReason =
  'services do I/O through devices, so that the same code runs on a host, in an image and in the simulator';

const pure = {
  builtinReason: pureReason,
  allowsPackage: nothing,
  packageReason: 'the pure layers depend on the language alone (shared/base/platform.d.ts lists what else)',
} as const;

// node:http and its like only parse and format on flows we give them; these would open sockets, files or processes.
const throughDevices = {
  allowsBuiltin: allBut(
    'net',
    'tls',
    'dgram',
    'dns',
    'fs',
    'worker_threads',
    'child_process',
    'cluster',
    'ffi',
    'sqlite',
    'https',
  ),
  builtinReason: deviceReason,
  allowsPackage: anything,
  packageReason: '',
} as const;

const unrestricted = { allowsPackage: anything, packageReason: '', builtinReason: ffiReason } as const;

export const layerRules: readonly LayerRule[] = [
  {
    folder: BASE,
    mayImport: [],
    reason: 'base imports nothing: everything stands on it',
    allowsBuiltin: nothing,
    ...pure,
  },
  {
    folder: DEVICES,
    mayImport: [BASE],
    reason: 'devices are interfaces over base; implementations import them, not the other way round',
    allowsBuiltin: only('stream'),
    ...pure,
  },
  {
    folder: PROTOCOLS,
    mayImport: [BASE, DEVICES],
    reason: 'protocols know base and devices alone; what joins them to the world is above them',
    allowsBuiltin: only('crypto', 'stream'),
    ...pure,
  },
  {
    folder: COMPONENTS,
    mayImport: [BASE, DEVICES, PROTOCOLS],
    reason: 'components stand on protocols and devices and are used by appliance and services',
    ...throughDevices,
  },
  {
    folder: APPLIANCE,
    mayImport: [BASE, DEVICES, PROTOCOLS, COMPONENTS],
    reason: 'the appliance serves any service on any platform: it knows neither a service nor a host',
    ...throughDevices,
  },
  {
    folder: 'services/',
    mayImport: [BASE, DEVICES, PROTOCOLS, COMPONENTS, APPLIANCE],
    reason:
      'no service imports a service, and only its main.ts imports host and machine: what two need goes into components',
    rooms: true,
    ...throughDevices,
  },
  ...['web-service', 'dns-service', 'smtp-service', 'tunnel-service', 'matrix-service'].map(name => ({
    folder: `services/${name}/main.ts`,
    mayImport: [BASE, DEVICES, PROTOCOLS, COMPONENTS, APPLIANCE, HOST, MACHINE, `services/${name}/`],
    reason: 'a composition root joins its own service to a world; it imports no other service',
    allowsBuiltin: nothing,
    builtinReason: 'a composition root only composes',
    allowsPackage: nothing,
    packageReason: 'a composition root only composes',
  })),
  {
    folder: HOST,
    mayImport: [BASE, DEVICES, PROTOCOLS],
    reason: 'host implements devices; it must not know who uses them',
    allowsBuiltin: allBut('ffi'),
    ...unrestricted,
  },
  {
    folder: 'shared/host/ffi/',
    mayImport: [BASE, DEVICES, PROTOCOLS],
    reason: 'the unsafe core serves the host devices and stands on nothing above it',
    allowsBuiltin: anything,
    ...unrestricted,
  },
  {
    folder: 'shared/simulation/',
    mayImport: [BASE, DEVICES, PROTOCOLS],
    reason:
      'the simulated world implements devices; it must not know who uses them, nor touch the real world',
    // SQLite in memory is a function of its statements, and async_hooks only tells who called: neither knows time or chance.
    allowsBuiltin: only('stream', 'crypto', 'sqlite', 'async_hooks'),
    builtinReason: 'the simulator replays from a seed: nothing of the real world may reach it',
    allowsPackage: nothing,
    packageReason: 'the simulator replays from a seed: no library with timers or I/O of its own',
  },
  {
    folder: MACHINE,
    mayImport: [BASE, DEVICES, PROTOCOLS, 'shared/host/ffi/', 'shared/host/secret-files.ts'],
    reason:
      'machine is PID 1 below any service: it knows devices, protocols, the system calls, and how a folder of secrets is read',
    allowsBuiltin: allBut('ffi'),
    ...unrestricted,
  },
  {
    folder: 'shared/compliance/',
    mayImport: [BASE, DEVICES],
    reason:
      'a compliance suite knows the interface alone, so that every implementation can be held against it',
    // node:http2 as a client speaks on a flow of the world.
    allowsBuiltin: only('stream', 'crypto', 'http2'),
    builtinReason:
      'a compliance suite runs in the simulator as well: it takes time and I/O from the devices under test',
    allowsPackage: only('vitest', 'fast-check'),
    packageReason: 'a compliance suite needs the test runner alone',
  },
  {
    folder: 'images/',
    mayImport: [
      BASE,
      DEVICES,
      PROTOCOLS,
      COMPONENTS,
      APPLIANCE,
      MACHINE,
      HOST,
      'shared/simulation/',
      'services/',
    ],
    reason: 'images builds and runs what is shipped; tests and benches are run, not imported',
    allowsBuiltin: allBut('ffi'),
    ...unrestricted,
  },
  {
    folder: 'integration/',
    mayImport: ['shared/', 'services/', 'images/'],
    reason: 'integration may use everything and nothing uses it',
    allowsBuiltin: allBut('ffi'),
    ...unrestricted,
  },
  {
    folder: 'vitest.config.ts',
    mayImport: [],
    reason: 'configuration',
    allowsBuiltin: anything,
    ...unrestricted,
  },
  {
    folder: 'knip.config.ts',
    mayImport: [],
    reason: 'configuration',
    allowsBuiltin: anything,
    ...unrestricted,
  },
];
