import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltImage } from './image.ts';
import { addressLines, memoryFor, startImage } from './image.ts';
import type { GuestOptions } from './guest-options.ts';
import { prepareRunDisk } from './run-disk.ts';

export interface InteractiveOptions extends Pick<GuestOptions, 'firmware' | 'memoryMiB'> {
  /** Begin with an empty data volume. */
  readonly fresh: boolean;
}

/** Runs an image until it powers off; Ctrl-C presses its power button. Gives the exit code. */
export async function runInteractively(image: BuiltImage, options: InteractiveOptions): Promise<number> {
  const { fresh, ...guestOptions } = options;
  const disk = await prepareRunDisk(image.folder, fresh);
  const log = join(image.folder, 'console.log');
  writeFileSync(log, '');
  await using guest = await startImage(image, {
    ...guestOptions,
    disk,
    mayReboot: true,
    onLine: line => {
      process.stdout.write(`${line}\n`);
      appendFileSync(log, `${line}\n`);
    },
  });
  console.error(
    `lares: ${image.manifest.service} starts in QEMU (${guest.acceleration}, ${options.memoryMiB ?? memoryFor(image)} MiB)`,
  );
  for (const line of addressLines(image, guest)) console.error(`lares: ${line}`);
  console.error('lares: Ctrl-C powers it off');
  let pressed: Promise<boolean> = Promise.resolve(true);
  const powerOff = (): void => {
    console.error('lares: powering off …');
    pressed = guest.powerOff();
  };
  process.once('SIGINT', powerOff);
  process.once('SIGTERM', powerOff);
  await guest.ended;
  const orderly = await pressed;
  if (!orderly) console.error('lares: the guest did not power off in order');
  return orderly ? 0 : 1;
}
