import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEBUG_PORT } from '../build/command-line.ts';
import { outputFolder } from '../build/build.ts';
import type { Manifest } from '../build/manifest.ts';
import type { Recipe } from '../build/recipe.ts';
import type { Guest } from './guest.ts';
import { startGuest } from './guest.ts';
import type { GuestOptions } from './guest-options.ts';

/** An image in its folder. */
export interface BuiltImage {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly recipe: Recipe;
}

/** @throws Error that names the command that builds it */
export async function openImage(
  recipe: Recipe,
  options: { readonly debug?: boolean; readonly folder?: string } = {},
) {
  const folder = options.folder ?? outputFolder(recipe.service, 'x86_64', options.debug ?? false);
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch((cause: unknown) => {
    const flag = options.debug === true ? ' -- --debug' : '';
    throw new Error(`${folder} holds no image yet; build it: npm run build:${recipe.service}${flag}`, {
      cause,
    });
  });
  return { folder, recipe, manifest: JSON.parse(text) as Manifest } satisfies BuiltImage;
}

export interface StartImageOptions extends Omit<GuestOptions, 'drives'> {
  /** The disk to run on; without it the built one, whose writes are gone at the end. */
  readonly disk?: string;
}

/** Preferred ports on this machine lie this much above the guest's, since those below 1024 need root. */
const PORT_OFFSET = 9000;

/** Boots an image with its ports forwarded and the memory that it is made for. */
export function startImage(image: BuiltImage, options: StartImageOptions = {}): Promise<Guest> {
  const { disk, ...rest } = options;
  const forwards = image.recipe.ports.map(({ port, scheme }) => ({
    guestPort: port,
    preferredPort: preferredPort(port),
    datagrams: scheme === 'dns',
  }));
  const debugging = image.manifest.debug ? [{ guestPort: DEBUG_PORT, preferredPort: DEBUG_PORT }] : [];
  // A program that stands at a breakpoint feeds no watchdog.
  const patience = image.manifest.debug ? ['-action', 'watchdog=none'] : [];
  return startGuest({
    memoryMiB: memoryFor(image),
    forwards: [...forwards, ...debugging],
    ...rest,
    extraArguments: [...patience, ...(rest.extraArguments ?? [])],
    drives: [disk === undefined ? { file: join(image.folder, 'disk.img'), snapshot: true } : { file: disk }],
  });
}

/** What the runner gives a guest of this image unless told otherwise. */
export function memoryFor({ manifest }: BuiltImage): number {
  return manifest.memoryMiB + (manifest.debug ? DEBUG_MEMORY_MIB : 0);
}

/**
 * The bundle is one file, not minified, with its source map inside; the main thread and the worker of HTTP each have it, and the debugger
 * keeps it once more: 278 MiB were used when ready, and to look into a frame that it stopped in it reads all of it again.
 */
const DEBUG_MEMORY_MIB = 384;

function preferredPort(port: number): number {
  return port < 1024 ? port + PORT_OFFSET : port;
}

/** The addresses to try, as lines for people. */
export function addressLines(image: BuiltImage, guest: Guest): string[] {
  const debugging = { port: DEBUG_PORT, scheme: 'http', what: 'the debugger' };
  const ports = [...image.recipe.ports, ...(image.manifest.debug ? [debugging] : [])];
  return ports.map(({ port, scheme, what }) => {
    return `${scheme}://127.0.0.1:${guest.port(port)}/`.padEnd(30) + what;
  });
}
