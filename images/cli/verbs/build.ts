import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildImage } from '../../build/build.ts';
import { createProgress } from '../../build/progress.ts';
import { recipeFor } from '../../build/recipe.ts';
import { operatorLine } from '../operator/operator-store.ts';
import type { Verb } from '../verb.ts';

const ARCHITECTURE = 'x86_64';
const TARGET = 'disk';

export const verb: Verb = {
  summary: 'builds an image: build SERVICE [--config FILE] [--out FOLDER] [--debug]',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        arch: { type: 'string', default: ARCHITECTURE },
        target: { type: 'string', default: TARGET },
        config: { type: 'string' },
        out: { type: 'string' },
        debug: { type: 'boolean', default: false },
      },
    });
    if (values.arch !== ARCHITECTURE)
      throw new Error(`--arch ${values.arch}: images are built for ${ARCHITECTURE}`);
    if (values.target !== TARGET) throw new Error(`--target ${values.target}: the target is ${TARGET}`);
    const operator = await operatorLine({ create: false });
    const folder = await buildImage({
      recipe: recipeFor(positionals[0] ?? ''),
      architecture: ARCHITECTURE,
      progress: createProgress(),
      debug: values.debug,
      operators: operator === undefined ? [] : [operator],
      ...(values.config !== undefined && { configuration: resolve(values.config) }),
      ...(values.out !== undefined && { out: resolve(values.out) }),
    });
    console.log(folder);
    return 0;
  },
};
