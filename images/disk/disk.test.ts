import { describe, expect, it } from 'vitest';
import { decodeEnvironment } from '../../shared/protocols/boot-state/environment-block.ts';
import { decodeTable } from '../../shared/protocols/gpt/decode.ts';
import { encodeDisk } from './disk.ts';
import { patchBootImage, patchCoreImage } from './grub.ts';
import { deriveGuid, planDisk } from './layout.ts';
import { encodeSlot, encodeSlotDescription } from './slot.ts';
import { directory } from './tree.ts';

const layout = planDisk('test');
const slot = {
  root: new Uint8Array(5000).fill(1),
  kernel: new Uint8Array(700).fill(2),
  version: '1',
  commandLine: 'ro',
};

describe('planDisk', () => {
  it('derives every GUID from what is on the disk', () => {
    expect(planDisk('test')).toEqual(layout);
    expect(planDisk('other').table.diskGuid).not.toBe(layout.table.diskGuid);
    expect(new Set(layout.table.partitions.map(each => each?.guid)).size).toBe(6);
    expect(deriveGuid('x')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('puts data last, so that it can grow', () => {
    const last = layout.table.partitions.at(-1);
    expect(last?.name).toBe('lares-data');
    expect(layout.table.partitions.every(each => (each?.lastSector ?? 0) <= (last?.lastSector ?? 0))).toBe(
      true,
    );
  });
});

describe('encodeDisk', () => {
  const grub = {
    bootImage: new Uint8Array(512),
    coreImage: new Uint8Array(1500),
    efiImage: new Uint8Array(100),
    config: new Uint8Array(10),
  };

  it('has pieces in order, without overlap, and a table that decodes', () => {
    const image = encodeDisk(layout, { slot, grub, settings: directory(), data: new Uint8Array(100) });
    let end = 0;
    for (const piece of image.pieces) {
      expect(piece.offset).toBeGreaterThanOrEqual(end);
      end = piece.offset + piece.bytes.length;
    }
    expect(end).toBe(image.bytes);
    expect(decodeTable(image.pieces[0]!.bytes)).toEqual({ ok: true, value: layout.table });
  });

  it('refuses a data template that is larger than its partition', () => {
    const data = new Uint8Array(65 * 1024 * 1024);
    expect(() => encodeDisk(layout, { slot, grub, settings: directory(), data })).toThrow('data template');
  });
});

describe('encodeSlot', () => {
  it('puts the kernel behind the root at a whole page, and describes it in sectors', () => {
    expect(encodeSlot(slot, 100).map(piece => piece.offset)).toEqual([0, 8192]);
    const decoded = decodeEnvironment(encodeSlotDescription(slot, { guid: 'g' }));
    expect(decoded.ok && decoded.value.get('kernel')).toBe('16+2');
    expect(decoded.ok && decoded.value.get('options')).toBe('root=PARTUUID=g ro');
  });

  it('refuses what does not fit', () => {
    expect(() => encodeSlot(slot, 10)).toThrow('a slot has room for');
  });
});

describe('GRUB images', () => {
  it('are patched in a copy, also where they come as Buffers of a shared pool', () => {
    const boot = Buffer.concat([Buffer.alloc(512)]);
    const core = Buffer.concat([Buffer.alloc(1025)]);
    const patched = patchBootImage(boot, 2048);
    expect(new DataView(patched.buffer).getBigUint64(0x5c, true)).toBe(2048n);
    expect([patched[0x66], patched[0x67], patched.length]).toEqual([0x90, 0x90, 440]);
    const patchedCore = new DataView(patchCoreImage(core, 2048).buffer);
    expect([patchedCore.getBigUint64(500, true), patchedCore.getUint16(508, true)]).toEqual([2049n, 2]);
    expect([...boot, ...core].every(byte => byte === 0)).toBe(true);
  });
});
