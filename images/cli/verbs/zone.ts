import { parseArgs } from 'node:util';
import type { Verb } from '../verb.ts';
import { changeAtAppliance, printDs, printKeys, rollKey, signAnew } from '../zone/at-appliance.ts';
import { changeAtServer } from '../zone/change-at-server.ts';
import { checkZoneFile } from '../zone/check-zone-file.ts';
import { compare } from '../zone/compare.ts';
import { importZone } from '../zone/import-zone.ts';
import { namesServer } from '../zone/server.ts';

const USAGE = [
  'zone check FILE [--origin NAME]',
  'compare FILE FILE|dns://HOST[:PORT] [--origin NAME]',
  'import FILE|dns://HOST[:PORT] [--origin NAME] [--out FILE] [--key FILE [--key-name NAME]]',
  'set NAME TYPE VALUE… [--ttl TIME] --to WHERE',
  'unset NAME [TYPE [VALUE…]] --to WHERE, an appliance HOST[:PORT], or dns://HOST[:PORT] with --key FILE [--key-name NAME]',
  'keys ZONE | ds ZONE | roll ZONE csk|ksk|zsk | sign ZONE, each with --to HOST[:PORT]',
].join(' | ');

const OPTIONS = {
  origin: { type: 'string' },
  to: { type: 'string' },
  key: { type: 'string' },
  'key-name': { type: 'string' },
  ttl: { type: 'string' },
  out: { type: 'string' },
} as const;

interface Wanted {
  readonly words: readonly string[];
  readonly options: { readonly [Key in keyof typeof OPTIONS]?: string | undefined };
}

/** Gives the exit code; undefined: these are not its words. */
type Action = (wanted: Wanted) => Promise<number | undefined> | number | undefined;

const actions: Readonly<Record<string, Action>> = {
  check({ words: [file, ...others], options }) {
    return file === undefined || others.length > 0 ? undefined : check(file, options.origin);
  },
  compare({ words: [file, other, ...others], options }) {
    return file === undefined || other === undefined || others.length > 0
      ? undefined
      : compare(file, other, options.origin);
  },
  import({ words: [from, ...others], options: { origin, out, key: keyFile, 'key-name': keyName } }) {
    return from === undefined || others.length > 0
      ? undefined
      : importZone(from, { origin, out, keyFile, keyName });
  },
  set: wanted => change('set', wanted),
  unset: wanted => change('unset', wanted),
  keys: atAppliance(1, (to, zone) => printKeys(zone, to)),
  ds: atAppliance(1, (to, zone) => printDs(zone, to)),
  roll: atAppliance(2, (to, zone, role = '') => rollKey(zone, role, to)),
  sign: atAppliance(1, (to, zone) => signAnew(zone, to)),
};

/** With so many words, and an appliance. */
function atAppliance(
  count: number,
  run: (to: string, zone: string, other?: string) => Promise<void>,
): Action {
  return async ({ words, options: { to } }) => {
    const [zone, other] = words;
    if (to === undefined || zone === undefined || words.length !== count) return undefined;
    await run(to, zone, other);
    return 0;
  };
}

export const verb: Verb = {
  summary: `${USAGE}: the records of a DNS zone, in a file and at a server`,
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
    const [action = '', ...words] = positionals;
    const done = await actions[action]?.({ words, options: values });
    if (done === undefined) console.error(`right is: lares ${USAGE}`);
    return done ?? 2;
  },
};

function check(file: string, origin: string | undefined): number {
  const { isRight, lines } = checkZoneFile(file, origin);
  for (const line of lines) (isRight ? console.log : console.error)(line);
  return isRight ? 0 : 1;
}

async function change(action: 'set' | 'unset', { words, options }: Wanted): Promise<number | undefined> {
  const [name, type, ...values] = words;
  const { to, key, ttl } = options;
  if (name === undefined || to === undefined) return undefined;
  const edit = { action, name, type, values, ttl };
  if (!namesServer(to)) {
    await changeAtAppliance(edit, to);
    return 0;
  }
  if (key === undefined) return undefined;
  console.log(await changeAtServer(edit, { server: to, keyFile: key, keyName: options['key-name'] }));
  return 0;
}
