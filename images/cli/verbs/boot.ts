import { parseArgs } from 'node:util';
import { recipeFor } from '../../build/recipe.ts';
import { openImage } from '../../run/image.ts';
import { runInteractively } from '../../run/interactive.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'boots a built image in QEMU: boot SERVICE [--fresh] [--uefi] [--debug] [--memory MIB]',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        fresh: { type: 'boolean', default: false },
        uefi: { type: 'boolean', default: false },
        debug: { type: 'boolean', default: false },
        memory: { type: 'string' },
      },
    });
    const image = await openImage(recipeFor(positionals[0] ?? ''), { debug: values.debug });
    return runInteractively(image, {
      fresh: values.fresh,
      firmware: values.uefi ? 'uefi' : 'bios',
      ...(values.memory !== undefined && { memoryMiB: parseMemory(values.memory) }),
    });
  },
};

function parseMemory(text: string): number {
  if (!/^[1-9][0-9]{1,4}$/.test(text))
    throw new Error(`--memory ${text}: a whole number of MiB, such as 128`);
  return Number(text);
}
