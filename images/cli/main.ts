/** The `lares` command: `lares <verb> …`. Each verb is one module of `verbs/`, loaded only when asked for. */
const verb = process.argv[2] ?? 'help';

/** What a verb's module exports. The number is the exit code. */
export interface Verb {
  /** One line for `lares help`. */
  readonly summary: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

const verbs: Readonly<Record<string, () => Promise<{ verb: Verb }>>> = {};

async function main(): Promise<number> {
  const load = verbs[verb];
  if (load === undefined) return help();
  return (await load()).verb.run(process.argv.slice(3));
}

async function help(): Promise<number> {
  for (const [name, load] of Object.entries(verbs))
    console.log(`  ${name.padEnd(16)} ${(await load()).verb.summary}`);
  return verb === 'help' ? 0 : 2;
}

process.exitCode = await main();
