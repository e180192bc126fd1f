import { describe, expect, it } from 'vitest';
import type { Ext4Superblock } from '../../protocols/volume/ext4.ts';
import type { BlockDevice } from '../block-devices.ts';
import type { Candidate } from './choose.ts';
import { chooseDataVolume } from './choose.ts';

function ext4(wasMounted: boolean, label = 'lares-data'): Ext4Superblock {
  return { label, uuid: '', blockBytes: 4096, blocks: 16_384, hasErrors: false, wasMounted };
}
function disk(name: string, more: Partial<BlockDevice> = {}): BlockDevice {
  return { name, path: `/dev/${name}`, bytes: 2 ** 30, isReadOnly: false, hasPartitions: false, ...more };
}
function dataPartition(name = 'vda6'): BlockDevice {
  return disk(name, { partition: { disk: 'vda', number: 6, name: 'lares-data' } });
}
function candidate(device: BlockDevice, what: { ext4?: Ext4Superblock; isBlank?: boolean } = {}): Candidate {
  return { device, ext4: what.ext4, isBlank: what.isBlank ?? false };
}
const boot = candidate(disk('vda', { hasPartitions: true }));

describe('chooseDataVolume()', () => {
  it('takes the partition of the boot disk where there is nothing else', () => {
    const choice = chooseDataVolume([boot, candidate(dataPartition(), { ext4: ext4(false) })]);
    expect(choice).toMatchObject({ kind: 'volume', device: { name: 'vda6' } });
  });
  it('takes a blank disk before a partition that was never used', () => {
    const fresh = candidate(dataPartition(), { ext4: ext4(false) });
    expect(chooseDataVolume([boot, fresh, candidate(disk('vdb'), { isBlank: true })])).toMatchObject({
      kind: 'blank',
      device: { name: 'vdb' },
    });
  });
  it('never leaves data for a blank disk that was attached later', () => {
    const used = candidate(dataPartition(), { ext4: ext4(true) });
    expect(chooseDataVolume([boot, used, candidate(disk('vdb'), { isBlank: true })])).toMatchObject({
      kind: 'volume',
      device: { name: 'vda6' },
    });
  });
  it('takes a used separate disk before a used partition', () => {
    const used = candidate(dataPartition(), { ext4: ext4(true) });
    expect(chooseDataVolume([boot, used, candidate(disk('vdb'), { ext4: ext4(true) })])).toMatchObject({
      device: { name: 'vdb' },
    });
  });
  it("leaves strangers' file systems and read-only disks alone", () => {
    const strangers = [
      candidate(disk('vdb'), { ext4: ext4(true, 'photos') }),
      candidate(disk('vdc', { isReadOnly: true }), { isBlank: true }),
      candidate(disk('vdd')),
    ];
    expect(chooseDataVolume([boot, ...strangers])).toEqual({ kind: 'none' });
  });
  it('lays the template into a blank data partition, and never over something unknown', () => {
    expect(chooseDataVolume([boot, candidate(dataPartition(), { isBlank: true })]).kind).toBe('blank');
    expect(chooseDataVolume([boot, candidate(dataPartition())]).kind).toBe('unreadable');
  });
});
