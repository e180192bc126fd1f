import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage } from '../../images/build/build.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import { planDisk } from '../../images/disk/layout.ts';
import type { Guest } from '../../images/run/guest.ts';
import { openImage, startImage, type BuiltImage } from '../../images/run/image.ts';
import { prepareRunDisk } from '../../images/run/run-disk.ts';
import { SECTOR_BYTES } from '../../shared/protocols/gpt/gpt.ts';
import { createScratch, run } from '../images/scratch.ts';
import { lastingPort } from './lasting-port.ts';
import { HOST_OF_GUESTS, startPebble, type Pebble } from './pebble.ts';
import { siteToml } from './site-toml.ts';
import type { Place } from './visitor.ts';

/** The shipped image of the web service in QEMU beside an authority. */
export interface SiteGuest extends AsyncDisposable {
  readonly pebble: Pebble;
  readonly place: Place;
  /** Starts it from its disk, which keeps what it writes. Disposing the guest is a power cut. */
  start(): Promise<Guest>;
  /** As it came from the factory, with its one name. */
  reset(): Promise<void>;
}

const NAME = 'home.lares.test';

export async function createSiteGuest(): Promise<SiteGuest> {
  const scratch = await createScratch();
  const recipe = recipeFor('web-service');
  const out = join(scratch.path, 'image');
  await buildImage({ recipe, architecture: 'x86_64', progress: silentProgress, out });
  const image = await openImage(recipe, { folder: out });
  const [httpPort, tlsPort] = [await lastingPort(), await lastingPort()];
  const pebble = await startPebble({ httpPort, tlsPort });
  const toml = join(scratch.path, 'lares.toml');
  await writeFile(toml, siteToml(NAME, { pebble, host: HOST_OF_GUESTS }));
  let disk = await prepareSiteDisk(image, toml);
  const forwards = [
    { guestPort: 80, preferredPort: httpPort },
    { guestPort: 443, preferredPort: tlsPort },
  ];
  return {
    pebble,
    place: { name: NAME, port: tlsPort, rootPem: pebble.rootPem },
    async start() {
      const guest = await startImage(image, { disk, forwards });
      if (guest.port(80) === httpPort && guest.port(443) === tlsPort) return guest;
      await guest[Symbol.asyncDispose]();
      throw new Error(`port ${httpPort} or ${tlsPort} was taken by somebody between two starts`);
    },
    async reset() {
      disk = await prepareSiteDisk(image, toml);
    },
    async [Symbol.asyncDispose]() {
      await pebble[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

/** What its owner does: copies the file onto the drive LARES of an image. */
async function prepareSiteDisk(image: BuiltImage, toml: string): Promise<string> {
  const disk = await prepareRunDisk(image.folder, true);
  // Where a partition begins is the same on every disk.
  const { settings } = planDisk('any').partitions;
  await run('mcopy', '-o', '-i', `${disk}@@${settings.firstSector * SECTOR_BYTES}`, toml, '::lares.toml');
  return disk;
}
