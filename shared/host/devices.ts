/** What a composition root takes from this folder. */
export { createHostDevices, type HostDevices, type HostDevicesOptions } from './host-devices.ts';
export { runHostWorker, type HostWorlds } from './host-worker.ts';
export { createProcessPlatform } from './process-platform.ts';
export { createServiceInWorker, type ServiceWorkerOptions } from './service-worker.ts';
