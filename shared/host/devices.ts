/** What a composition root takes from this folder. */
export { createHostDevices, type HostDevices } from './host-devices.ts';
export { runHostWorker, type HostWorlds } from './host-worker.ts';
export { createProcessPlatform } from './process-platform.ts';
export { createServiceInWorker } from './service-worker.ts';
