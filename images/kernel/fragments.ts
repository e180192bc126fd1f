/** What a kernel configuration says of one symbol: `y`, a number, a quoted string, or `n` for "is not set". */
export type Configuration = ReadonlyMap<string, string>;

/** A line of a fragment that says nothing the kernel's configuration understands. */
export class FragmentError extends Error {
  override readonly name = 'FragmentError';
}

const SET = /^CONFIG_([A-Z0-9a-z_]+)=(.+)$/;
const NOT_SET = /^# CONFIG_([A-Z0-9a-z_]+) is not set$/;

/**
 * Reads a `.config` or a fragment of one.
 * @throws FragmentError on a line that is neither setting nor comment, and on a symbol named twice
 */
export function parseConfiguration(text: string, where: string): Configuration {
  const symbols = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    const setting = parseLine(line);
    if (setting === 'nothing') continue;
    if (setting === 'fault') throw new FragmentError(`${where}:${index + 1}: "${line}" is no setting`);
    const [symbol, value] = setting;
    if (symbols.has(symbol)) throw new FragmentError(`${where}:${index + 1}: ${symbol} is set twice`);
    symbols.set(symbol, value);
  }
  return symbols;
}

function parseLine(line: string): [symbol: string, value: string] | 'nothing' | 'fault' {
  const unset = NOT_SET.exec(line);
  if (unset?.[1] !== undefined) return [unset[1], 'n'];
  if (line.trim() === '' || line.startsWith('#')) return 'nothing';
  const set = SET.exec(line);
  return set?.[1] !== undefined && set[2] !== undefined ? [set[1], set[2]] : 'fault';
}

/** @throws FragmentError when two fragments name the same symbol: one of them would be silently ignored */
export function joinFragments(fragments: ReadonlyMap<string, Configuration>): Configuration {
  const joined = new Map<string, string>();
  for (const [where, fragment] of fragments)
    for (const [symbol, value] of fragment) {
      if (joined.has(symbol)) throw new FragmentError(`${where}: ${symbol} is set in another fragment too`);
      joined.set(symbol, value);
    }
  return joined;
}

/** A request that the final configuration does not carry out. */
export interface Lost {
  readonly symbol: string;
  readonly requested: string;
  /** What the final configuration has; `n` where it does not name the symbol. */
  readonly got: string;
}

/**
 * Kconfig drops a request without a word when a dependency is missing or something else selects the opposite.
 * These are the requests that were dropped.
 */
export function lostRequests(requests: Configuration, final: Configuration): Lost[] {
  const lost: Lost[] = [];
  for (const [symbol, requested] of requests) {
    const got = final.get(symbol) ?? 'n';
    if (got !== requested) lost.push({ symbol, requested, got });
  }
  return lost;
}
