import { createHash } from 'node:crypto';
import { concatBytes, decodeUtf8, encodeUtf8, equalBytes, viewOf } from '../base/bytes.ts';
import type { SqlValue } from '../devices/database.ts';
import type { SimulatedDisk } from './disk.ts';
import type { Life } from './life.ts';

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** Committed transactions, each durable before `add` resolves. */
export interface Journal {
  add(statements: readonly Statement[]): Promise<void>;
  close(): Promise<void>;
}

const CHECKSUM_BYTES = 8;
const HEAD_BYTES = 4 + CHECKSUM_BYTES;

/**
 * Opens the journal of a database and reads the whole records in it; a torn one at the end was never acknowledged and is
 * cut off. A file `db/<name>.sqlite` is what the statements start from: a backup that was put back.
 */
export async function openJournal(
  disk: SimulatedDisk,
  life: Life,
  name: string,
): Promise<{ journal: Journal; statements: readonly Statement[]; image: Uint8Array | undefined }> {
  const path = `db/${name}`;
  await disk.access(life);
  const inode = disk.find(path) ?? disk.create(path);
  const { statements, bytes } = decodeRecords(disk.content(inode));
  if (bytes < inode.size) disk.cut(inode, bytes);
  await disk.sync(inode, life);
  await disk.syncNames(life);
  const journal: Journal = {
    async add(added) {
      const { size } = inode;
      disk.append(inode, encodeRecord(added));
      try {
        await disk.sync(inode, life);
      } catch (error) {
        disk.cut(inode, size);
        throw error;
      }
    },
    close: () => disk.access(life),
  };
  const restored = disk.find(`${path}.sqlite`);
  return { journal, statements, image: restored === undefined ? undefined : disk.content(restored) };
}

function encodeRecord(statements: readonly Statement[]): Uint8Array {
  const body = encodeUtf8(JSON.stringify(statements, toJson));
  const head = new Uint8Array(HEAD_BYTES);
  viewOf(head).setUint32(0, body.length);
  head.set(checksum(body), 4);
  return concatBytes([head, body]);
}

function decodeRecords(content: Uint8Array): { statements: Statement[]; bytes: number } {
  const statements: Statement[] = [];
  let bytes = 0;
  while (bytes + HEAD_BYTES <= content.length) {
    const end = bytes + HEAD_BYTES + viewOf(content).getUint32(bytes);
    if (end > content.length) break;
    const body = content.subarray(bytes + HEAD_BYTES, end);
    if (!equalBytes(checksum(body), content.subarray(bytes + 4, bytes + HEAD_BYTES))) break;
    statements.push(...(JSON.parse(decodeUtf8(body), fromJson) as Statement[]));
    bytes = end;
  }
  return { statements, bytes };
}

function checksum(body: Uint8Array): Uint8Array {
  return createHash('sha256').update(body).digest().subarray(0, CHECKSUM_BYTES);
}

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) };
  return value instanceof Uint8Array ? { hex: value.toHex() } : value;
}

function fromJson(_key: string, value: unknown): unknown {
  const tagged = value as { bigint?: string; hex?: string } | null;
  if (typeof tagged !== 'object' || tagged === null) return value;
  if (typeof tagged.bigint === 'string') return BigInt(tagged.bigint);
  return typeof tagged.hex === 'string' ? Uint8Array.fromHex(tagged.hex) : value;
}
