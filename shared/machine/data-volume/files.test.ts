import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkMarker, claimVolume, parseMarker } from './marker.ts';
import { readTemplateStart, SUPERBLOCK_END, writeTemplate } from './template.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lares-volume-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('claimVolume()', () => {
  it('marks a new volume once and knows it again', () => {
    const marker = claimVolume(folder, 'web-service');
    expect(claimVolume(folder, 'web-service')).toEqual(marker);
    expect(checkMarker(folder, 'web-service')).toEqual(marker);
  });
  it("refuses another service's volume by both names, and leaves it as it is", () => {
    claimVolume(folder, 'smtp-service');
    const before = readFileSync(join(folder, 'appliance.json'), 'utf8');
    expect(() => claimVolume(folder, 'web-service')).toThrow(/data of smtp-service, and this is web-service/);
    expect(readFileSync(join(folder, 'appliance.json'), 'utf8')).toBe(before);
  });
  it('refuses a damaged marker', () => {
    writeFileSync(join(folder, 'appliance.json'), '{"service":');
    expect(() => claimVolume(folder, 'web-service')).toThrow(/damaged/);
  });
});

describe('parseMarker()', () => {
  it.each(['', 'null', '[]', '{"service":1,"id":"a"}', '{"service":"a"}'])('refuses %j', text => {
    expect(parseMarker(text)).toBeUndefined();
  });
});

describe('writeTemplate()', () => {
  it('gives the template byte for byte', async () => {
    const template = Buffer.alloc(3 * 1_048_576);
    template.write('superblock', 1024);
    template.write('middle', 1_500_000);
    template.write('end', template.length - 3);
    const packed = join(folder, 'template.zst');
    writeFileSync(packed, zstdCompressSync(template));
    const device = join(folder, 'device');
    const descriptor = openSync(device, 'w');
    ftruncateSync(descriptor, template.length);
    closeSync(descriptor);
    await writeTemplate(device, packed);
    expect(readFileSync(device).equals(template)).toBe(true);
    expect(
      (await readTemplateStart(packed, SUPERBLOCK_END))?.equals(template.subarray(0, SUPERBLOCK_END)),
    ).toBe(true);
    expect(await readTemplateStart(join(folder, 'none'), 10)).toBeUndefined();
  });
});
