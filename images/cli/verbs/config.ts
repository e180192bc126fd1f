import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatFault, parseToml, readConfiguration } from '../../../shared/appliance/configuration/read.ts';
import { checkContent, recipeFor } from '../../build/recipe.ts';
import { configurationSchemaText } from '../configuration-schema.ts';
import { schemaOf, serviceNames } from '../services.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'config check FILE [--service NAME] | schema: check a configuration, write the JSON Schemas',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { service: { type: 'string' } },
    });
    const [action, file] = positionals;
    if (action === 'schema') return writeSchemas();
    if (action === 'check' && file !== undefined) return check(file, values.service);
    console.error('lares config: say `check FILE` or `schema`');
    return 2;
  },
};

async function check(file: string, service: string | undefined): Promise<number> {
  const source = { origin: file, text: await readFile(file, 'utf8') };
  const name = service ?? serviceOf(source);
  const read = readConfiguration(source, schemaOf(name));
  if (read.ok) {
    // What the image would hold is part of what the file says.
    await checkContent(recipeFor(name), source.text, dirname(resolve(file)));
    console.log(`${file}: right`);
    return 0;
  }
  for (const fault of read.error) console.error(formatFault(fault));
  console.error(read.error.length === 1 ? 'One fault.' : `${read.error.length} faults.`);
  return 1;
}

/** By the file's name, or by its tables; where neither tells, the first service. */
function serviceOf(source: { readonly origin: string; readonly text: string }): string {
  const raw = parseToml(source);
  const tables = raw.ok ? Object.keys(raw.value) : [];
  const byName = serviceNames.find(name => basename(source.origin).startsWith(name));
  return byName ?? serviceNames.find(name => tables.includes(name)) ?? serviceNames[0] ?? '';
}

async function writeSchemas(): Promise<number> {
  for (const service of serviceNames) {
    const path = new URL(`../../../configs/${service}.schema.json`, import.meta.url);
    await writeFile(path, configurationSchemaText(service));
    console.log(`configs/${service}.schema.json`);
  }
  return 0;
}
