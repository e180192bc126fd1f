import type { ConfigurationSource, Platform, PlatformFacts } from '../devices/platform.ts';
import { confirmSlot } from '../protocols/boot-state/boot-state.ts';
import type { BootStateFile } from './boot-state-file.ts';
import type { Announce } from './console.ts';
import { DATA_FOLDER } from './data-volume/data-volume.ts';
import type { Ending } from './ending.ts';
import { readFacts } from './facts.ts';
import { lockDownProcess, tryLockdown } from './lockdown/lockdown.ts';
import type { Watchdog } from './power/watchdog.ts';

export interface PlatformParts {
  readonly contentFolder: string;
  readonly configuration: readonly ConfigurationSource[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly faults: () => readonly string[];
  readonly addresses: () => readonly string[];
  readonly bootState?: BootStateFile;
  /** Why the last run ended, where it was a fault. */
  readonly lastFault?: string;
  readonly watchdog?: Watchdog;
  readonly announce: Announce;
  readonly ending: Ending;
}

/** The machine as the appliance sees it. */
export function createPlatform(parts: PlatformParts): Platform {
  let execve: string | undefined;
  let isConfirmed = false;
  const troubles = new Set<string>();
  /** A sign of life that cannot be given is a fault to live with: it must not end a service that is well. */
  const attempt = (what: string, action: () => void): void => {
    try {
      action();
    } catch (error) {
      const trouble = `${what}: ${String(error)}`;
      if (!troubles.has(trouble)) parts.announce(`lares: ${trouble}`, 'bad');
      troubles.add(trouble);
    }
  };
  return {
    kind: 'machine',
    dataFolder: DATA_FOLDER,
    contentFolder: parts.contentFolder,
    configuration: parts.configuration,
    secrets: parts.secrets,
    stopRequested: parts.ending.stopRequested,
    announce: parts.announce,
    // oxlint-disable-next-line require-await -- the interface waits, this machine need not.
    async facts(): Promise<PlatformFacts> {
      execve ??= tryLockdown();
      const boot = readBoot(parts);
      return readFacts({
        addresses: parts.addresses(),
        execve,
        faults: [...parts.faults(), ...troubles],
        ...(boot !== undefined && { boot }),
      });
    },
    // oxlint-disable-next-line require-await
    async lockDown() {
      execve = lockDownProcess();
    },
    alive(isServing) {
      attempt('the watchdog cannot be fed', () => parts.watchdog?.feed());
      if (!isServing || isConfirmed) return;
      // The service answers: this slot has proved itself.
      isConfirmed = true;
      attempt('the boot state cannot be written', () => confirm(parts.bootState));
    },
    end: (kind, cause) => parts.ending.end(kind, cause),
  };
}

function confirm(bootState: BootStateFile | undefined): void {
  bootState?.update(state => confirmSlot(state, bootState.running));
}

function readBoot({ bootState, lastFault }: PlatformParts): PlatformFacts['boot'] {
  if (bootState === undefined && lastFault === undefined) return undefined;
  return {
    slot: bootState?.running ?? '',
    version: process.env['LARES_VERSION'] ?? '',
    ...(lastFault !== undefined && { lastFault }),
  };
}
