import { connectionFault, type Fault } from './fault.ts';
import { ErrorCode, PAYLOAD_MAX_BYTES, Setting, uint32At, WINDOW_MAX } from './frame.ts';
import { SETTINGS_ENTRIES_MAX } from './limits.ts';

const ENTRY_BYTES = 6;

/** RFC 9113 §6.5.2. */
const FRAME_SIZE_MAX = 2 ** 24 - 1;

/**
 * The peer's settings, in the order in which they stand (RFC 9113 §6.5.3). Of them only SETTINGS_INITIAL_WINDOW_SIZE changes what we do: we
 * push nothing, keep no table for its decoder, and send no frame above the size that every peer takes.
 */
export function readSettings(
  bytes: Uint8Array,
  start: number,
  end: number,
  setInitialWindow: (size: number) => Fault | undefined,
): Fault | undefined {
  // RFC 9113 §6.5: a length that is no multiple of 6 is a FRAME_SIZE_ERROR.
  if ((end - start) % ENTRY_BYTES !== 0) return connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'SETTINGS');
  if (end - start > SETTINGS_ENTRIES_MAX * ENTRY_BYTES)
    return connectionFault(ErrorCode.ENHANCE_YOUR_CALM, 'SETTINGS');
  for (let at = start; at < end; at += ENTRY_BYTES) {
    const setting = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const value = uint32At(bytes, at + 2);
    const fault = faultOf(setting, value);
    if (fault !== undefined) return fault;
    // RFC 9113 §6.5.2: settings that are not known are ignored.
    const refused = setting === Setting.INITIAL_WINDOW_SIZE ? setInitialWindow(value) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** RFC 9113 §6.5.2: what the values may be. */
function faultOf(setting: number, value: number): Fault | undefined {
  if (setting === Setting.INITIAL_WINDOW_SIZE && value > WINDOW_MAX)
    return connectionFault(ErrorCode.FLOW_CONTROL_ERROR, 'SETTINGS_INITIAL_WINDOW_SIZE');
  const isFine =
    // RFC 9218 §2.1: 0 or 1.
    setting === Setting.ENABLE_PUSH || setting === Setting.NO_RFC7540_PRIORITIES
      ? value <= 1
      : setting !== Setting.MAX_FRAME_SIZE || (value >= PAYLOAD_MAX_BYTES && value <= FRAME_SIZE_MAX);
  return isFine ? undefined : connectionFault(ErrorCode.PROTOCOL_ERROR, 'value of a setting');
}
