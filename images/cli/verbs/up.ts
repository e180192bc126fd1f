import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildImage } from '../../build/build.ts';
import { createProgress } from '../../build/progress.ts';
import { recipeFor } from '../../build/recipe.ts';
import { openImage } from '../../run/image.ts';
import { runInteractively } from '../../run/interactive.ts';
import { runOnce } from '../../run/once.ts';
import { operatorLine } from '../operator/operator-store.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'builds an image and boots it: up SERVICE [--config FILE] [--once]',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { once: { type: 'boolean', default: false }, config: { type: 'string' } },
    });
    const recipe = recipeFor(positionals[0] ?? '');
    // Someone who tries an appliance wants to see its status page, which is for operators.
    const operator = await operatorLine({ create: !values.once });
    const folder = await buildImage({
      recipe,
      architecture: 'x86_64',
      progress: createProgress(),
      operators: operator === undefined ? [] : [operator],
      ...(values.config !== undefined && { configuration: resolve(values.config) }),
    });
    const image = await openImage(recipe, { folder });
    return values.once ? runOnce(image) : runInteractively(image, { fresh: false });
  },
};
