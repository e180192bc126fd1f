import { parse } from 'smol-toml';

/**
 * The configuration text with these operator lines in it, for a person who has said nothing on operators: a text that
 * has an `[operator]` table of its own, or is not TOML, comes back as it is (whoever reads it next names the fault).
 */
export function withOperator(toml: string, lines: readonly string[]): string {
  if (lines.length === 0 || namesOperators(toml)) return toml;
  const keys = lines.map(line => `  ${JSON.stringify(line)},\n`).join('');
  const separator = toml === '' || toml.endsWith('\n') ? '' : '\n';
  return `${toml}${separator}\n[operator]\nkeys = [\n${keys}]\n`;
}

function namesOperators(toml: string): boolean {
  try {
    return parse(toml)['operator'] !== undefined;
  } catch {
    return true;
  }
}
