import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { eventually } from '../eventually.ts';

/** A program with a terminal of its own, at which a person seems to sit. Disposing it closes the terminal. */
export interface Terminal extends AsyncDisposable {
  /** Everything shown so far. */
  output(): string;
  /** The match once it is shown. @throws Error with what was shown when it is not in time or the program ends */
  shown(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  type(keys: string): void;
  /** The program's exit code. @throws Error with what was shown when it does not end in time */
  ended(timeoutMs: number): Promise<number | null>;
  /** The processes below the terminal whose command line has that word, by their numbers. */
  descendants(word: string): number[];
}

/** Runs a program in a pseudo-terminal, from the repository's root. `script` is part of every Debian. */
export function startInTerminal(command: string): Terminal {
  // -e: the exit code is the program's; -f: nothing is held back; the transcript itself is not wanted. `exec`: a shell that
  // stays above the program (dash does, bash does not) dies of the Ctrl-C typed to it and hides how the program ended.
  const script = spawn('script', ['-qefc', `exec ${command}`, '/dev/null'], {
    cwd: repositoryRoot,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  let exit: { readonly code: number | null } | undefined;
  script.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = new Promise<void>(resolve =>
    script.once('close', code => {
      exit = { code };
      resolve();
    }),
  );

  const matchOf = (pattern: RegExp): RegExpExecArray | undefined => {
    const match = pattern.exec(output);
    if (match === null && exit !== undefined) throw new Error(`ended before ${pattern}:\n${output}`);
    return match ?? undefined;
  };
  const seen = (): string => output;

  return {
    output: () => output,
    shown: (pattern, timeoutMs) =>
      eventually(`the terminal shows ${pattern}`, () => matchOf(pattern), { timeoutMs, seen }),
    type: keys => void script.stdin.write(keys),
    ended: async timeoutMs => (await eventually('the program ends', () => exit, { timeoutMs, seen })).code,
    descendants: word => descendantsOf(script.pid!).filter(pid => commandLine(pid).includes(word)),
    async [Symbol.asyncDispose]() {
      script.kill('SIGKILL');
      await closed;
    },
  };
}

function descendantsOf(pid: number): number[] {
  const children = readdirSync('/proc').filter(name => /^\d+$/.test(name) && parentOf(name) === pid);
  return children.flatMap(child => [Number(child), ...descendantsOf(Number(child))]);
}

/** proc_pid_stat(5): field 4, behind a name that may hold anything. */
function parentOf(pid: string): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

/** Empty for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
