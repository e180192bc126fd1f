import { viewOf } from '../../../shared/base/bytes.ts';
import { err, ok, type Result } from '../../../shared/base/result.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { Flow } from '../../../shared/devices/tcp.ts';
import { applyDifference, type ZoneDifference } from '../../../shared/protocols/dns/changes/difference.ts';
import { verifyDigestInSteps } from '../../../shared/protocols/dns/dnssec/verify-digest.ts';
import { frameMessage, MessageFrames } from '../../../shared/protocols/dns/message-frames.ts';
import type { Name } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { isLaterSerial } from '../../../shared/protocols/dns/serial.ts';
import { soaOf } from '../../../shared/protocols/dns/rrset-list.ts';
import { TransferReader } from '../../../shared/protocols/dns/transfer/transfer-reader.ts';
import { encodeTransferRequest } from '../../../shared/protocols/dns/transfer/transfer-request.ts';
import type { Transferred } from '../../../shared/protocols/dns/transfer/transferred.ts';
import { TsigStreamVerifier } from '../../../shared/protocols/dns/tsig-stream.ts';
import { signMessage } from '../../../shared/protocols/dns/tsig.ts';
import { TRANSFER_BYTES_MAX, TRANSFER_STALL_MS } from '../limits.ts';
import { inSlices } from '../zones/in-slices.ts';
import { serialOf } from '../zones/serial.ts';
import { connectTo, type Primary } from './connect.ts';
import { TransferError } from './transfer-error.ts';

export interface WantedVersion {
  readonly apex: Name;
  /** What is there, as a primary gave it; undefined: the whole zone is wanted. */
  readonly base: Zone | undefined;
}

export type FetchDevices = Pick<Devices, 'tcp' | 'tls' | 'clock' | 'secureRandom'>;

/** What is newer than `base` at the primary, or undefined. @throws TransferError; DeviceError; the signal's reason. */
export async function fetchVersion(
  primary: Primary,
  { apex, base }: WantedVersion,
  devices: FetchDevices,
  signal: AbortSignal,
): Promise<Zone | undefined> {
  const changed = base === undefined ? undefined : await transfer(primary, { apex, base }, devices, signal);
  if (changed?.ok === true) {
    const next = await proved(versionFrom(changed.value, base), devices);
    if (next.ok) return next.value;
  }
  // RFC 1995 §4: whoever cannot use the differences, or gets none, asks for the zone whole.
  const whole = await transfer(primary, { apex, base: undefined }, devices, signal);
  if (!whole.ok) throw new TransferError(whole.error);
  const next = await proved(versionFrom(whole.value, base), devices);
  if (!next.ok) throw new TransferError(next.error);
  return next.value;
}

function versionFrom(transferred: Transferred, base: Zone | undefined): Result<Zone | undefined, string> {
  if (transferred.kind === 'current') return ok(undefined);
  if (transferred.kind === 'differences')
    return base === undefined
      ? err('nothing to be changed is there')
      : applyAll(base, transferred.differences);
  if (base === undefined) return ok(transferred.zone);
  const [theirs, ours] = [serialOf(transferred.zone), serialOf(base)];
  if (theirs === ours) return ok(undefined);
  // RFC 1996 §3.11: only what is later is taken.
  return isLaterSerial(theirs, ours)
    ? ok(transferred.zone)
    : err(`the primary has the serial ${theirs}, which is before ${ours}`);
}

/** RFC 8976 §1.3.2: what has a digest of the whole zone is taken only where that fits, however it was transferred. */
async function proved(
  version: Result<Zone | undefined, string>,
  { clock }: FetchDevices,
): Promise<Result<Zone | undefined, string>> {
  if (!version.ok || version.value === undefined) return version;
  const digest = await inSlices(verifyDigestInSteps(version.value), clock);
  return digest.ok ? version : digest;
}

function applyAll(base: Zone, differences: readonly ZoneDifference[]): Result<Zone, string> {
  let applied: Result<Zone, string> = ok(base);
  for (const difference of differences) {
    if (!applied.ok) break;
    applied = applyDifference(applied.value, difference);
  }
  return applied;
}

/** One request and its answer to the end. An error is what the primary did wrong. */
async function transfer(
  primary: Primary,
  { apex, base }: WantedVersion,
  devices: FetchDevices,
  signal: AbortSignal,
): Promise<Result<Transferred, string>> {
  const { key } = primary;
  const { clock, secureRandom } = devices;
  const id = viewOf(secureRandom.bytes(2)).getUint16(0);
  const unsigned = encodeTransferRequest(id, apex, base && soaOf(base));
  const request = key && signMessage(unsigned, key, clock.now());
  const reader = new TransferReader({
    id,
    apex,
    serial: base && serialOf(base),
    bytesMax: TRANSFER_BYTES_MAX,
  });
  const verifier = key && request && new TsigStreamVerifier(key, request.mac);
  const read = (bytes: Uint8Array): Result<'more' | Transferred, string> => {
    const verified = verifier === undefined ? ok(bytes) : verifier.take(bytes, clock.now());
    if (!verified.ok) return err(`the answer is not signed as it should be (${verified.error.error})`);
    const outcome = reader.take(verified.value);
    // RFC 8945 §5.3.1: the last message is signed; before it nothing is settled.
    const isUnsettled = outcome.ok && outcome.value !== 'more' && verifier?.isSettled === false;
    return isUnsettled ? err('the end of the answer is not signed') : outcome;
  };
  const flow = await connectTo(primary, devices, signal);
  const abort = (): void => void flow.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    flow.write(frameMessage(request?.bytes ?? unsigned));
    return await readAll(flow, read, clock);
  } finally {
    signal.removeEventListener('abort', abort);
    flow.destroy();
  }
}

async function readAll(
  flow: Flow,
  read: (bytes: Uint8Array) => Result<'more' | Transferred, string>,
  clock: Devices['clock'],
): Promise<Result<Transferred, string>> {
  const frames = new MessageFrames();
  const stalled = (): void => void flow.destroy(new TransferError('the primary stopped half-way'));
  let timer = clock.timer(TRANSFER_STALL_MS, stalled);
  try {
    for await (const piece of flow) {
      for (const bytes of frames.take(piece as Uint8Array)) {
        const outcome = read(bytes);
        if (!outcome.ok) return outcome;
        if (outcome.value !== 'more') return ok(outcome.value);
        timer.cancel();
        timer = clock.timer(TRANSFER_STALL_MS, stalled);
      }
    }
    return err('the primary closed half-way');
  } finally {
    timer.cancel();
  }
}
