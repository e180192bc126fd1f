import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type { Archive } from '../debian/archive.ts';
import type { MadePart } from './parts.ts';
import { openToolbox, originOf } from './toolbox.ts';

/** mke2fs and the libraries that it runs with. */
const TOOL = ['e2fsprogs', 'libc6', 'libext2fs2t64', 'libcom-err2', 'libblkid1', 'libuuid1'];
const SIZE = '64M';
/** The same in every copy: the appliance gives its volume an identifier of its own when it first mounts it. */
const UUID = '6c617265-7300-4000-8000-000000000001';

const OPTIONS: readonly string[] = [
  '-t ext4 -F -q -b 4096',
  '-L lares-data',
  `-U ${UUID}`,
  // One user, so no blocks kept for root; errors stop writing, which the appliance shows as a fault.
  '-m 0 -e remount-ro',
  // 4096 inodes in a block group, one for 32 KB on a grown volume: mail and media, not a source tree.
  '-i 16384 -I 256',
  // A journal for a database that syncs often; zeros, so it costs nothing here.
  '-J size=16',
  // Checksums that do not depend on the identifier, so that it can be changed while mounted.
  '-O 64bit,metadata_csum,metadata_csum_seed,resize_inode,flex_bg,extent,dir_index,^orphan_file',
  // Room for the group descriptors of 1 TB (2^28 blocks); beyond that the kernel goes on with meta_bg.
  `-E hash_seed=${UUID},resize=268435456,lazy_itable_init=1,nodiscard,root_owner=0:0`,
].flatMap(line => line.split(' '));

/** The empty file system of the data volume, compressed with zstd. */
export async function makeDataTemplate(archive: Archive, cache: string): Promise<MadePart> {
  await using toolbox = await openToolbox(archive, TOOL, cache);
  const path = toolbox.path('data.ext4');
  const environment = {
    // Times inside the file system, and no configuration of this machine.
    SOURCE_DATE_EPOCH: '1704067200',
    E2FSPROGS_FAKE_TIME: '1704067200',
    MKE2FS_CONFIG: toolbox.path('etc/mke2fs.conf'),
  };
  await toolbox.run('usr/sbin/mke2fs', [...OPTIONS, path, SIZE], environment);
  const found = archive.find('e2fsprogs');
  return {
    bytes: await promisify(zstdCompress)(await readFile(path), {
      params: { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_checksumFlag]: 1 },
    }),
    name: 'data-template',
    version: found.version,
    license: 'CC0-1.0',
    path: 'data.ext4.zst',
    from: [originOf(found)],
    made: `mke2fs ${OPTIONS.join(' ')} data.ext4 ${SIZE}; zstd, level 19`,
  };
}
