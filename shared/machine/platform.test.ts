import { describe, expect, it } from 'vitest';
import type { BootState } from '../protocols/boot-state/boot-state.ts';
import { beginTrial, FIRST_BOOT_STATE } from '../protocols/boot-state/boot-state.ts';
import type { PlatformParts } from './platform.ts';
import { createPlatform } from './platform.ts';

const lines: string[] = [];
function platformWith(parts: Partial<PlatformParts>) {
  lines.length = 0;
  return createPlatform({
    contentFolder: '/app',
    configuration: [],
    secrets: {},
    faults: () => [],
    addresses: () => [],
    announce: line => void lines.push(line),
    ending: {
      stopRequested: new AbortController().signal,
      use: () => undefined,
      requestStop: () => {},
      end: () => Promise.reject(new Error('not here')),
    },
    ...parts,
  });
}

describe('alive()', () => {
  it('confirms the slot once the service answers, not before, and leaves the count of faults', () => {
    let state: BootState = { ...beginTrial(FIRST_BOOT_STATE, 'b'), faultsInARow: 3 };
    const bootState = {
      running: 'b' as const,
      get state() {
        return state;
      },
      update: (change: (state: BootState) => BootState) => void (state = change(state)),
      close: () => {},
    };
    const platform = platformWith({ bootState });
    platform.alive(false);
    expect(state.triesLeft).toBe(3);
    platform.alive(true);
    expect(state).toMatchObject({ slot: 'b', triesLeft: 'confirmed', faultsInARow: 3 });
  });

  it('lives with a watchdog and a boot state that refuse, and says so once', () => {
    const refuse = (): never => {
      throw new Error('EIO');
    };
    const platform = platformWith({
      watchdog: { feed: refuse, [Symbol.dispose]: () => {} },
      bootState: { running: 'a', state: FIRST_BOOT_STATE, update: refuse, close: () => {} },
    });
    platform.alive(true);
    platform.alive(true);
    expect(lines).toEqual([
      'lares: the watchdog cannot be fed: Error: EIO',
      'lares: the boot state cannot be written: Error: EIO',
    ]);
  });
});
