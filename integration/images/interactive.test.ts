import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../images/build/build.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { ask1 } from '../web/client.ts';
import { findGenerated, Inspector, sourceOf } from './inspector.ts';
import { startInTerminal } from './terminal.ts';

const START_TIMEOUT_MS = 240_000;
const STOP_TIMEOUT_MS = 30_000;
const CTRL_C = '\u0003';

beforeAll(async () => {
  const recipe = recipeFor('web-service');
  await buildImage({ recipe, architecture: 'x86_64', progress: silentProgress, debug: true });
});

describe('`boot` of the debug build, in a terminal', () => {
  it('runs under a debugger, and Ctrl-C powers it off in order', async () => {
    await using terminal = startInTerminal('node images/cli/bootstrap.mjs boot web-service --debug');
    const [, inspectorPort] = await terminal.shown(/127\.0\.0\.1:(\d+)\S*\s+the debugger/, START_TIMEOUT_MS);
    const [, sitePort] = await terminal.shown(/https:\/\/127\.0\.0\.1:(\d+)\/\s+the site/, START_TIMEOUT_MS);
    await terminal.shown(/lares: ready after /, START_TIMEOUT_MS);
    await debug(Number(inspectorPort), Number(sitePort));
    const guests = terminal.descendants('qemu-system');
    expect(guests.length).toBe(1);
    terminal.type(CTRL_C);
    expect(await terminal.ended(STOP_TIMEOUT_MS)).toBe(0);
    expect(terminal.output()).toMatch(/lares: powering off[^]*lares: power off/);
    expect(terminal.output()).not.toContain('did not power off in order');
    expect(guests.filter(pid => existsSync(`/proc/${pid}`))).toEqual([]);
  });

  it('a guest that does not end in order is told, and by the exit code', async () => {
    await using terminal = startInTerminal('node images/cli/bootstrap.mjs boot web-service --debug');
    await terminal.shown(/Ctrl-C powers it off/, START_TIMEOUT_MS);
    const guests = terminal.descendants('qemu-system');
    terminal.type(CTRL_C);
    await terminal.shown(/lares: powering off/, STOP_TIMEOUT_MS);
    for (const guest of guests) endAtOnce(guest);
    expect(await terminal.ended(STOP_TIMEOUT_MS)).toBe(1);
    expect(terminal.output()).toContain('did not power off in order');
  });
});

/** A guest that did not listen to its button yet is gone already. */
function endAtOnce(guest: number): void {
  try {
    process.kill(guest, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** What an editor does: looks at a value, and stops the program where a line of a source is reached. */
async function debug(inspectorPort: number, sitePort: number): Promise<void> {
  using inspector = await Inspector.attach(inspectorPort);
  expect(await inspector.evaluate('process.pid')).toBe(1);
  await inspector.call('Debugger.enable');
  const script = await inspector.script('file:///app/main.mjs');
  const position = { source: ANSWERING.source, line: lineOf(ANSWERING) };
  const location = { scriptId: script.id, lineNumber: findGenerated(script, position) };
  const { breakpointId } = await inspector.call('Debugger.setBreakpoint', { location });
  const answer = ask1(sitePort, { path: '/' }, false);
  const { callFrames } = await inspector.event('Debugger.paused');
  const [frame] = callFrames as readonly CallFrame[];
  expect(sourceOf(script.map, frame!.location.lineNumber, frame!.location.columnNumber)).toEqual({
    source: expect.stringContaining(position.source) as string,
    line: position.line,
  });
  const status = { callFrameId: frame!.callFrameId, expression: 'status' };
  expect(await inspector.call('Debugger.evaluateOnCallFrame', status)).toMatchObject({
    result: { value: 308 },
  });
  await inspector.call('Debugger.removeBreakpoint', { breakpointId });
  await inspector.call('Debugger.resume');
  expect((await answer).status).toBe(308);
}

interface CallFrame {
  readonly callFrameId: string;
  readonly location: { readonly lineNumber: number; readonly columnNumber: number };
}

/** A line that plain HTTP comes by at the port of HTTPS too, on the thread that the debugger is attached to: pages are another's. */
const ANSWERING = { source: 'services/web-service/http1.ts', text: 'response.writeHead(' };

function lineOf({ source, text }: typeof ANSWERING): number {
  const lines = readFileSync(join(repositoryRoot, source), 'utf8').split('\n');
  return lines.findIndex(line => line.includes(text)) + 1;
}
