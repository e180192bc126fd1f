import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage } from '../../images/build/build.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import { planDisk } from '../../images/disk/layout.ts';
import type { Guest } from '../../images/run/guest.ts';
import { openImage, startImage } from '../../images/run/image.ts';
import { prepareRunDisk } from '../../images/run/run-disk.ts';
import { SECTOR_BYTES } from '../../shared/protocols/gpt/gpt.ts';
import { createScratch, run } from '../images/scratch.ts';
import { lastingPort } from '../lasting-port.ts';
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
  /** What its owner does between two starts: more lines of [web-service] in lares.toml, and files of secrets beside it. */
  configure(webService: readonly string[], secrets: Readonly<Record<string, string>>): Promise<void>;
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
  const toml = (webService: readonly string[] = []): string =>
    siteToml(NAME, { pebble, host: HOST_OF_GUESTS, webService });
  const prepareSiteDisk = async (): Promise<string> => {
    const prepared = await prepareRunDisk(image.folder, true);
    await writeToDrive(prepared, { 'lares.toml': toml() });
    return prepared;
  };
  let disk = await prepareSiteDisk();
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
      disk = await prepareSiteDisk();
    },
    async configure(webService, secrets) {
      const named = Object.entries(secrets).map(([name, text]) => [`secrets/${name}`, text] as const);
      await writeToDrive(disk, { 'lares.toml': toml(webService), ...Object.fromEntries(named) });
    },
    async [Symbol.asyncDispose]() {
      await pebble[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

/** Copies files onto the drive LARES of an image, as any laptop would. */
async function writeToDrive(disk: string, files: Readonly<Record<string, string>>): Promise<void> {
  await using scratch = await createScratch();
  await mkdir(join(scratch.path, 'secrets'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(scratch.path, name), text);
  // Where a partition begins is the same on every disk.
  const { settings } = planDisk('any').partitions;
  const drive = `${disk}@@${settings.firstSector * SECTOR_BYTES}`;
  const copied = (await readdir(scratch.path)).map(name => join(scratch.path, name));
  await run('mcopy', '-s', '-o', '-i', drive, ...copied, '::');
}
