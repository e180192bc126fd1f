import { assert } from '../../base/assert.ts';
import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Devices } from '../../devices/devices.ts';
import type { Flow } from '../../devices/tcp.ts';
import type { DataPlane } from '../../devices/udp.ts';
import { ask, linesOf, writeLine } from './lines.ts';
import { retryWaitMs } from './retry.ts';

/** What a client's adds came to. `last` is the number of its latest add; adds are numbered from 1 without gaps. */
export interface Account {
  readonly last: number;
  readonly sum: number;
}

export const COUNTER_PORT = 7_000;
export const REPLICA_PORT = 7_001;

/** The amount of a client's add with that number: varied, so that a missed and a doubled one do not cancel out. */
export function amountOf(number: number): number {
  return ((number * 7) % 13) + 1;
}

const REPLICATION_INTERVAL_MS = 100;

/** Takes adds over TCP, keeps them in KeyValue before it answers, and tells the replica by UDP. */
export async function runServer(
  devices: Devices,
  replica: string,
  onLoaded: (accounts: ReadonlyMap<number, Account>) => void,
): Promise<void> {
  const { keyValue, tcp } = devices;
  const accounts = new Map<number, Account>();
  for (const key of await keyValue.list('account/')) {
    const value = await keyValue.get(key);
    assert(value !== undefined, `${key} was listed`);
    accounts.set(Number(key.slice('account/'.length)), JSON.parse(decodeUtf8(value)) as Account);
  }
  onLoaded(accounts);

  const add = async (client: number, number: number): Promise<string> => {
    const account = accounts.get(client) ?? { last: 0, sum: 0 };
    // A repeated request: its answer was lost.
    if (number <= account.last) return `ok ${number}`;
    if (number > account.last + 1) return `gap ${account.last}`;
    const next = { last: number, sum: account.sum + amountOf(number) };
    await keyValue.put(`account/${client}`, encodeUtf8(JSON.stringify(next)));
    accounts.set(client, next);
    return `ok ${number}`;
  };
  await tcp.listen({ host: '::', port: COUNTER_PORT }, flow => void serve(flow, add));

  await replicate(devices, accounts, replica);
}

/** Tells the replica of every account until it answers that it has it. Datagrams may be lost, doubled and late: only numbers that grow count. */
async function replicate(
  { udp, clock }: Devices,
  accounts: ReadonlyMap<number, Account>,
  replica: string,
): Promise<never> {
  const socket = await udp.bind({ host: '0.0.0.0', port: 0 });
  const confirmed = new Map<number, number>();
  const listen = async (): Promise<never> => {
    for (;;) {
      const [client = 0, high = 0, low = 0] = (await socket.receive()).bytes;
      confirmed.set(client, Math.max(confirmed.get(client) ?? 0, (high << 8) | low));
    }
  };
  const tell = async (): Promise<never> => {
    for (;;) {
      await clock.sleep(REPLICATION_INTERVAL_MS);
      for (const [client, { last }] of accounts)
        if ((confirmed.get(client) ?? 0) < last)
          await socket.send(Uint8Array.of(client, last >> 8, last), { host: replica, port: REPLICA_PORT });
    }
  };
  return Promise.race([listen(), tell()]);
}

async function serve(flow: Flow, add: (client: number, number: number) => Promise<string>): Promise<void> {
  try {
    for await (const line of linesOf(flow)) {
      const [, client, number] = /^add (\d+) (\d+)$/.exec(line) ?? [];
      writeLine(flow, client === undefined ? 'what?' : await add(Number(client), Number(number)));
    }
    flow.end();
  } catch (error) {
    // A broken flow is the client's to mend.
    if (!(error instanceof DeviceError)) throw error;
  }
}

/** Keeps the highest number it heard for each client in `shared` and answers it. `shared` outlives crashes here. */
export const replicaPlane: DataPlane = (batch, shared) => {
  const highest = new Uint32Array(shared[0] as SharedArrayBuffer);
  for (let index = 0; index < batch.count; index++) {
    const start = index * batch.slotBytes;
    const [client = 0, high = 0, low = 0] = batch.requests.subarray(start, start + 3);
    if (batch.requestLengths[index] !== 3 || client >= highest.length) continue;
    highest[client] = Math.max(highest[client] ?? 0, (high << 8) | low);
    batch.replies.set([client, highest[client] >> 8, highest[client]], start);
    batch.replyLengths[index] = 3;
  }
};

export async function runReplica({ udp, clock }: Devices, shared: SharedArrayBuffer): Promise<void> {
  await udp.serve({ host: '::', port: REPLICA_PORT, plane: 'counter-replica', shared: [shared] });
  await clock.sleep(Number.MAX_SAFE_INTEGER / 1_000);
}

export interface Adder {
  readonly id: number;
  readonly server: string;
  /** How many adds the client makes in all. */
  readonly adds: number;
  readonly onAcknowledged: (number: number) => void;
}

const CONNECT_MAX_MS = 2_000;
const THINKING_MAX_MS = 250;

/** Makes its adds one after the other, each until it is acknowledged. It notes them in a file and goes on there after a crash. */
export async function runClient(devices: Devices, adder: Adder): Promise<void> {
  const { files, clock, random } = devices;
  await using notes = await files.append('acknowledged');
  // Notes are counted, not read: a crash may leave zeros for the last ones. One that was cut off is an add asked for again.
  let number = notes.size + 1;
  let failures = 0;
  while (number <= adder.adds) {
    try {
      for await (const acknowledged of addAll(devices, adder, number)) {
        failures = 0;
        number = acknowledged + 1;
        await notes.append(Uint8Array.of(acknowledged & 0xff));
        await notes.sync();
      }
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      devices.log.warn({ number, reason: error.message }, 'the add is tried again');
      await clock.sleep(retryWaitMs(++failures, random));
    }
  }
}

/** Adds over one flow from `number` on, as long as it goes well; gives each number that was acknowledged. */
async function* addAll(
  { tcp, clock, random }: Devices,
  adder: Adder,
  first: number,
): AsyncGenerator<number, void, undefined> {
  const flow = await tcp.connect({ host: adder.server, port: COUNTER_PORT, timeoutMs: CONNECT_MAX_MS });
  try {
    const lines = linesOf(flow);
    for (let number = first; number <= adder.adds; number++) {
      await clock.sleep(((random.bytes(1)[0] ?? 0) / 255) * THINKING_MAX_MS);
      const answer = await ask(flow, lines, `add ${adder.id} ${number}`, clock);
      assert(answer === `ok ${number}`, `the server answered '${answer}' to add ${number}`);
      adder.onAcknowledged(number);
      yield number;
    }
  } finally {
    flow.destroy();
  }
}
