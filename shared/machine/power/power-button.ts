import { closeSync, constants, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { watchReadable } from '../../host/ffi/readable.ts';
import { viewOf } from '../../base/bytes.ts';

const FOLDER = '/sys/class/input';
/** struct input_event with a 64-bit time: seconds, microseconds, type, code, value. */
const EVENT_BYTES = 24;
const EV_KEY = 1;
const KEY_POWER = 116;
const PRESSED = 1;

export interface PowerButton extends Disposable {
  /** Whether it was pressed since it was last looked at, for a program whose event loop has ended. */
  wasPressed(): boolean;
}

/** Calls when somebody presses the power button, or the host asks for an end by ACPI, which is the same. */
export function watchPowerButton(onPress: () => void): PowerButton {
  const buttons = findButtons().flatMap(path => watchButton(path, onPress));
  return {
    wasPressed: () => buttons.some(button => button.wasPressed()),
    [Symbol.dispose]() {
      for (const button of buttons) button[Symbol.dispose]();
    },
  };
}

function findButtons(): string[] {
  try {
    return readdirSync(FOLDER)
      .filter(name => name.startsWith('event') && hasPowerKey(name))
      .map(name => `/dev/input/${name}`);
  } catch {
    return [];
  }
}

/** sysfs gives the keys as words of 64 bits in hexadecimal, the highest first. */
function hasPowerKey(name: string): boolean {
  try {
    const words = readFileSync(`${FOLDER}/${name}/device/capabilities/key`, 'utf8').trim().split(' ');
    const word = words[words.length - 1 - Math.floor(KEY_POWER / 64)];
    return word !== undefined && (BigInt(`0x${word}`) >> BigInt(KEY_POWER % 64)) % 2n === 1n;
  } catch {
    return false;
  }
}

function watchButton(path: string, onPress: () => void): PowerButton[] {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const watch = watchReadable(descriptor, () => {
      if (wasPressed(descriptor)) onPress();
    });
    return [
      {
        wasPressed: () => wasPressed(descriptor),
        [Symbol.dispose]() {
          watch[Symbol.dispose]();
          closeSync(descriptor);
        },
      },
    ];
  } catch {
    // A machine without a working button is switched off in another way.
    return [];
  }
}

function wasPressed(descriptor: number): boolean {
  let pressed = false;
  const bytes = new Uint8Array(EVENT_BYTES * 16);
  for (;;) {
    try {
      const length = readSync(descriptor, bytes, 0, bytes.length, null);
      if (length < EVENT_BYTES) return pressed;
      for (let at = 0; at + EVENT_BYTES <= length; at += EVENT_BYTES) {
        pressed ||= isPowerPress(bytes.subarray(at, at + EVENT_BYTES));
      }
    } catch {
      // EAGAIN: everything has been read.
      return pressed;
    }
  }
}

function isPowerPress(event: Uint8Array): boolean {
  const view = viewOf(event);
  return (
    view.getUint16(16, true) === EV_KEY &&
    view.getUint16(18, true) === KEY_POWER &&
    view.getInt32(20, true) === PRESSED
  );
}
