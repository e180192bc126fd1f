import { parseArgs } from 'node:util';
import { recipeFor } from '../../build/recipe.ts';
import { openImage } from '../../run/image.ts';
import { runInteractively } from '../../run/interactive.ts';
import { runOnce } from '../../run/once.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'boots a built image in QEMU: boot SERVICE [--once] [--fresh] [--uefi] [--debug] [--memory MIB]',
  async run(args) {
    const { service, debug, once, fresh, guest } = parseBootArguments(args);
    const image = await openImage(recipeFor(service), { debug });
    return once ? runOnce(image, guest) : runInteractively(image, { ...guest, fresh });
  },
};

/** @throws Error for people where a word is wrong. */
export function parseBootArguments(args: readonly string[]) {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      once: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      uefi: { type: 'boolean', default: false },
      debug: { type: 'boolean', default: false },
      memory: { type: 'string' },
    },
  });
  const { once, fresh, uefi, debug, memory } = values;
  const firmware: 'uefi' | 'bios' = uefi ? 'uefi' : 'bios';
  const guest = { firmware, ...(memory !== undefined && { memoryMiB: parseMemory(memory) }) };
  return { service: positionals[0] ?? '', once, fresh, debug, guest };
}

function parseMemory(text: string): number {
  if (!/^[1-9][0-9]{1,4}$/.test(text))
    throw new Error(`--memory ${text}: a whole number of MiB, such as 128`);
  return Number(text);
}
