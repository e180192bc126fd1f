import { checkResult, processLibrary } from './library.ts';

const CLOCK_REALTIME = 0;
/** sizeof(struct timex) and the offsets of its fields, with 64-bit longs: equal on x86_64 and aarch64. */
const TIMEX_BYTES = 208;
const TIMEX = { modes: 0, offset: 8, maximumError: 24, estimatedError: 32, status: 40 } as const;
const ADJ_OFFSET_SINGLESHOT = 0x8001;
const ADJ_MAXERROR = 0x0004;
const ADJ_ESTERROR = 0x0008;
const ADJ_STATUS = 0x0010;
const STA_PLL = 0x0001;

const { clock_settime, adjtimex } = processLibrary.getFunctions({
  clock_settime: { arguments: ['i32', 'pointer'], return: 'i32' },
  adjtimex: { arguments: ['pointer'], return: 'i32' },
});

/** Sets the wall clock at once. @throws SystemCallError */
export function setWallClock(timeMs: number): void {
  const time = Buffer.alloc(16);
  time.writeBigInt64LE(BigInt(Math.floor(timeMs / 1000)), 0);
  time.writeBigInt64LE(BigInt(Math.floor((timeMs % 1000) * 1e6)), 8);
  checkResult(clock_settime(CLOCK_REALTIME, time), 'clock_settime');
}

/** Lets the clock run up to 500 parts per million faster or slower until `offsetMs` is made up. @throws SystemCallError */
export function slewWallClock(offsetMs: number): void {
  const timex = Buffer.alloc(TIMEX_BYTES);
  timex.writeUInt32LE(ADJ_OFFSET_SINGLESHOT, TIMEX.modes);
  timex.writeBigInt64LE(BigInt(Math.round(offsetMs * 1000)), TIMEX.offset);
  checkResult(adjtimex(timex), 'adjtimex', 'offset');
}

/**
 * Tells the kernel that the clock is right to within `errorMs`; it then writes the hardware clock every 11 minutes.
 * @throws SystemCallError
 */
export function markClockSynchronised(errorMs: number): void {
  const timex = Buffer.alloc(TIMEX_BYTES);
  timex.writeUInt32LE(ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR, TIMEX.modes);
  timex.writeBigInt64LE(BigInt(Math.round(errorMs * 1000)), TIMEX.maximumError);
  timex.writeBigInt64LE(BigInt(Math.round(errorMs * 1000)), TIMEX.estimatedError);
  timex.writeInt32LE(STA_PLL, TIMEX.status);
  checkResult(adjtimex(timex), 'adjtimex', 'status');
}
