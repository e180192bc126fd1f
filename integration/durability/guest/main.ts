/**
 * PID 1 of the guest whose disk is recorded. It mounts the disk, writes to the stores and tells over the network what is
 * durable; the host answers every line, and what was not answered goes no further.
 */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { mount } from '../../../shared/host/ffi/mount.ts';
import { hostSyncs, type Syncs } from '../../../shared/host/stores/durable-files.ts';
import { runDatabaseWorker } from '../../../shared/host/stores/database-worker.ts';
import { NO_STEPS, PHASES, streamsOf, type Phase } from '../workload.ts';
import { runWriter } from '../writer.ts';
import { bringUp } from './network.ts';

async function main(port: number): Promise<void> {
  mount({ source: 'proc', target: '/proc', type: 'proc', flags: [] });
  mount({ source: 'tmpfs', target: '/tmp', type: 'tmpfs', flags: [] });
  mount({ source: '/dev/vdb', target: '/data', type: 'ext4', flags: ['noAccessTime'] });
  bringUp('lo', '127.0.0.1', '255.0.0.0');
  bringUp('eth0', '10.0.2.15', '255.255.255.0');
  const host = createHostLine(connect({ host: '10.0.2.2', port, noDelay: true }));

  for (const phase of PHASES) {
    await host.heard(`go ${phase}`);
    void runWriter({
      folder: `/data/${phase}`,
      from: NO_STEPS,
      streams: streamsOf(phase),
      keyValueSyncs: syncsOf(phase),
      entry: import.meta.url,
      acknowledge: (stream, step) => host.tell(`${phase} ${stream} ${step}`),
    });
  }
}

function syncsOf(phase: Phase): Syncs {
  switch (phase) {
    case 'whole':
      return hostSyncs;
    case 'no-folder-sync':
      return { ...hostSyncs, folder: async () => {} };
    case 'no-content-sync':
      return { ...hostSyncs, file: async () => {} };
  }
}

interface HostLine {
  /** Resolves when the host has sent the same line back. */
  tell(line: string): Promise<void>;
  heard(line: string): Promise<void>;
}

function createHostLine(socket: Socket): HostLine {
  const waiting = new Map<string, () => void>();
  createInterface({ input: socket }).on('line', line => {
    waiting.get(line)?.();
    waiting.delete(line);
  });
  const heard = (line: string): Promise<void> => new Promise(resolve => void waiting.set(line, resolve));
  return {
    heard,
    async tell(line) {
      const answered = heard(line);
      socket.write(`${line}\n`);
      await answered;
    },
  };
}

if (!runDatabaseWorker()) await main(Number(process.argv[2]));
