/**
 * Being PID 1: {@link bootMachine} makes a running machine of a kernel and a root file system, and gives the platform
 * that the appliance runs on.
 */
import { formatPid1Line } from '../base/console-lines.ts';
import type { Platform } from '../devices/platform.ts';
import { setHostname } from '../host/ffi/hostname.ts';
import { routeCtrlAltDelToInit } from '../host/ffi/power.ts';
import { setWallClock } from '../host/ffi/wall-clock.ts';
import { listBlockDevices } from './block-devices.ts';
import { describeSlot, openBootState } from './boot-state-file.ts';
import { readSettings } from './configuration-sources.ts';
import type { Announce } from './console.ts';
import { createConsole } from './console.ts';
import { NOTES_FOLDER, openDataVolume } from './data-volume/data-volume.ts';
import { readEarlyConfiguration } from './early-configuration.ts';
import { createEnding } from './ending.ts';
import { uptimeSeconds } from './facts.ts';
import { applyKernelSettings, mountKernelFileSystems } from './mounts.ts';
import { startNetwork } from './network/network.ts';
import { createPlatform } from './platform.ts';
import { watchPowerButton } from './power/power-button.ts';
import { openWatchdogDevice } from './power/watchdog-device.ts';
import { startWatchdog, type Watchdog } from './power/watchdog.ts';
import { createPrivileges } from './privileges.ts';
import { chooseStartTime, readNotedTime } from './time/start-clock.ts';
import { startTimeKeeper } from './time/time-keeper.ts';

const RESOLV_CONF = '/run/resolv.conf';
const CONTENT_FOLDER = '/app';
/** A lease takes a second or two; the service listens without one, so nobody waits longer than this for it. */
const NETWORK_WAIT_MS = 5_000;
/** Certificates need a clock that is right to the day; a hardware clock that is needs no wait at all. */
const TIME_WAIT_MS = 5_000;

export interface MachineOptions {
  /** The service this image was built for: 'web-service'. Another's data volume is refused. */
  readonly service: string;
}

/** Whether this process carries the whole machine. */
export function isMachine(): boolean {
  return process.pid === 1;
}

/** Brings the machine up. A fault on the way is shown and ends in a restart with back-off, never in silence. */
export async function bootMachine(options: MachineOptions): Promise<Platform> {
  mountKernelFileSystems();
  const announce = createConsole();
  announce(formatPid1Line(uptimeSeconds()));
  const ending = createEnding(announce);
  try {
    return await bringUp(options.service, announce, ending);
  } catch (error) {
    return ending.end('fault', error);
  }
}

async function bringUp(
  service: string,
  announce: Announce,
  ending: ReturnType<typeof createEnding>,
): Promise<Platform> {
  const faults: string[] = [];
  const note = (fault: string): void => {
    faults.push(fault);
    announce(`lares: ${fault}`, 'bad');
  };
  applyKernelSettings();
  // Before anything that takes its time: a button that nobody listens to is pressed in vain.
  const button = watchPowerButton(() => ending.requestStop('the power button was pressed', 'power-off'));
  ending.use({ button });
  const watchdog = findWatchdog(note);
  ending.use({ watchdog });
  const devices = listBlockDevices();
  const bootState = openBootState(devices, note);
  if (bootState !== undefined) announce(`lares: ${describeSlot(bootState)}`);
  ending.use({ bootState });
  const { configuration, secrets } = readSettings({ devices, note });
  const early = readEarlyConfiguration(configuration, service);
  setHostname(early.hostname);
  routeCtrlAltDelToInit();
  const privileges = createPrivileges();
  ending.use({ privileges });
  // The network first: a DHCP server answers while the data volume is looked for.
  const network = await startNetwork({
    configuration: early.network,
    hostname: early.hostname,
    resolvConf: RESOLV_CONF,
    privileges,
    note: text => announce(`lares: ${text}`),
  });
  const data = await openDataVolume({ service, devices, announce });
  const lastFault = ending.use({ network, data });
  const newestMs = readNotedTime(NOTES_FOLDER);
  const start = chooseStartTime(Date.now(), newestMs);
  if (start.setToMs !== undefined) {
    setWallClock(start.setToMs);
    announce(`lares: the clock starts from the ${start.source}: ${new Date().toISOString()}`);
  }
  privileges.giveUp();
  const time = startTimeKeeper({
    servers: () => (early.time.servers.length === 0 ? [] : [...network.timeServers(), ...early.time.servers]),
    nameServers: () => network.nameServers(),
    newestMs,
    privileges,
    note: text => announce(`lares: ${text}`),
  });
  ending.use({ time });
  if (!(await network.ready(NETWORK_WAIT_MS))) {
    announce(`lares: no network address yet: ${network.faults().join('; ')}. It is tried on`, 'bad');
  }
  if (start.setToMs !== undefined && early.time.servers.length > 0) await time.ready(TIME_WAIT_MS);
  return createPlatform({
    contentFolder: CONTENT_FOLDER,
    configuration,
    secrets,
    faults: () => [...faults, ...data.faults, ...network.faults(), ...time.faults()],
    addresses: () => network.addresses(),
    ...(bootState !== undefined && { bootState }),
    ...(lastFault !== undefined && { lastFault }),
    ...(watchdog !== undefined && { watchdog }),
    announce,
    ending,
  });
}

/** Before anything that may hang: a slot on trial that stands still in its start is to be given up, too. */
function findWatchdog(note: (fault: string) => void): Watchdog | undefined {
  try {
    const device = openWatchdogDevice();
    return device && startWatchdog(device);
  } catch (error) {
    note(`the watchdog cannot be started: ${String(error)}`);
    return undefined;
  }
}
