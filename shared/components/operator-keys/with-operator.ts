import { parse } from 'smol-toml';

/**
 * The configuration text with these operator lines in it, for a person who has named no operator. A text that names one,
 * or is not TOML, comes back as it is (whoever reads it next names the fault).
 */
export function withOperator(toml: string, lines: readonly string[]): string {
  const named = operatorsOf(toml);
  if (lines.length === 0 || named === undefined || named.length > 0) return toml;
  const keys = `keys = [\n${lines.map(line => `  ${JSON.stringify(line)},\n`).join('')}]`;
  const candidates = [
    // An empty list under [operator], with nothing but comments between.
    toml.replace(
      /^([ \t]*\[operator\][ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*)keys\s*=\s*\[\s*\]/m,
      (_, head) => `${head}${keys}`,
    ),
    // The table without the key.
    toml.replace(/^[ \t]*\[operator\][ \t]*(?:#.*)?$/m, header => `${header}\n${keys}`),
    `${toml}${toml === '' || toml.endsWith('\n') ? '' : '\n'}\n[operator]\n${keys}\n`,
  ];
  // Whichever the text is like, the parser says which edit came out right.
  return candidates.find(candidate => operatorsOf(candidate)?.length === lines.length) ?? toml;
}

/** The lines under `[operator] keys`; undefined where the text is not TOML or they are not a list. */
function operatorsOf(toml: string): readonly unknown[] | undefined {
  try {
    const { operator } = parse(toml) as { operator?: { keys?: unknown } };
    const keys = operator?.keys ?? [];
    return Array.isArray(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}
