import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Archive } from '../debian/archive.ts';
import type { MadePart } from './parts.ts';
import { openToolbox, originOf, type Toolbox } from './toolbox.ts';

/** grub-mkimage and the libraries that it runs with. */
const TOOL = [
  'grub-common',
  'libc6',
  'liblzma5',
  'libdevmapper1.02.1',
  'libselinux1',
  'libudev1',
  'libpcre2-8-0',
  'libcap2',
];

/** What lares/grub.cfg uses, and nothing else: no menu colours, no file viewers, no memory editors, no network boot. */
const MODULES =
  'part_gpt fat normal configfile linux echo test loadenv regexp serial terminal sleep reboot'.split(' ');

const LICENSE = 'GPL-3.0-or-later';
const earlyConfiguration = fileURLToPath(new URL('grub/early.cfg', import.meta.url));

interface Platform {
  readonly package: string;
  readonly format: string;
  readonly output: string;
  readonly options: readonly string[];
}

/** The prefix of BIOS is partition 2 of the disk that was booted, that of UEFI the partition the file was read from. */
const PLATFORMS: readonly Platform[] = [
  {
    package: 'grub-pc-bin',
    format: 'i386-pc',
    output: 'core.img',
    options: ['--prefix=(,gpt2)/lares', '--compression=xz', 'biosdisk', ...MODULES],
  },
  {
    package: 'grub-efi-amd64-bin',
    format: 'x86_64-efi',
    output: 'BOOTX64.EFI',
    options: ['--prefix=/lares', ...MODULES],
  },
];

/** The boot loader: `boot.img` and `core.img` for BIOS, `BOOTX64.EFI` for UEFI. */
export async function makeGrub(archive: Archive, cache: string): Promise<MadePart[]> {
  const packages = [...TOOL, ...PLATFORMS.map(platform => platform.package)];
  await using toolbox = await openToolbox(archive, packages, cache);
  const parts: MadePart[] = [];
  for (const platform of PLATFORMS) parts.push(await makeCore(archive, toolbox, platform));
  const bios = archive.find('grub-pc-bin');
  parts.push({
    bytes: await readFile(toolbox.path('usr/lib/grub/i386-pc/boot.img')),
    name: 'grub-boot.img',
    version: bios.version,
    license: LICENSE,
    path: 'grub/boot.img',
    from: [originOf(bios)],
    made: 'copied from the package',
  });
  return parts;
}

async function makeCore(archive: Archive, toolbox: Toolbox, platform: Platform): Promise<MadePart> {
  const output = toolbox.path(platform.output);
  const options = [`--format=${platform.format}`, ...platform.options];
  const folder = toolbox.path(`usr/lib/grub/${platform.format}`);
  await toolbox.run('usr/bin/grub-mkimage', [
    `--directory=${folder}`,
    `--config=${earlyConfiguration}`,
    `--output=${output}`,
    ...options,
  ]);
  const found = archive.find(platform.package);
  return {
    bytes: await readFile(output),
    name: `grub-${platform.output}`,
    version: found.version,
    license: LICENSE,
    path: `grub/${platform.output}`,
    from: [originOf(found), originOf(archive.find('grub-common'))],
    made: `grub-mkimage --config=images/prebuilt/grub/early.cfg ${options.join(' ')}`,
  };
}
