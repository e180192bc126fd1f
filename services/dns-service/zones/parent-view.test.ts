import { afterEach, describe, expect, it } from 'vitest';
import { encodeMessage } from '../../../shared/protocols/dns/encode-message.ts';
import { CLASS_IN, decodeMessage, FLAG, TYPE } from '../../../shared/protocols/dns/message.ts';
import { parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import { World } from '../../../shared/simulation/world.ts';
import { createParentView, type ParentSight } from './parent-view.ts';

const DS = Uint8Array.of(0, 7, 13, 2, 1, 2, 3);
const OTHER = Uint8Array.of(0, 8, 13, 2, 1, 2, 3);

let running: AsyncDisposable | undefined;
afterEach(async () => await running?.[Symbol.asyncDispose]());

function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** A parent, `org`, whose servers have these DS records of example.org; undefined: the server is down. */
async function look(
  servers: readonly (readonly Uint8Array[] | undefined)[],
  flags: number = FLAG.QR | FLAG.AA,
): Promise<ParentSight> {
  const world = new World('parent');
  const child = world.host('child');
  running = world.start();
  for (const [index, records] of servers.entries()) {
    const host = world.host(`server${index}`);
    world.zones.add('org', 'NS', `ns${index}.org`);
    world.zones.add(`ns${index}.org`, 'A', host.address);
    if (records === undefined) continue;
    const socket = await host.devices.udp.bind({ host: host.address, port: 53 });
    void (async () => {
      for (;;) {
        const { bytes, source } = await socket.receive();
        const asked = decodeMessage(bytes);
        if (!asked.ok) continue;
        const { id, questions } = asked.value;
        const answers = records.map(data => {
          return { name: name('example.org'), type: TYPE.DS, class: CLASS_IN, ttlSeconds: 3_600, data };
        });
        await socket.send(encodeMessage({ id, flags, questions, answers }), source);
      }
    })();
  }
  return createParentView(child.devices).dsAt(name('example.org'));
}

describe('the view of a parent', () => {
  it('shows the DS records that all of its servers have', async () => {
    expect(
      await look([
        [DS, OTHER],
        [OTHER, DS],
      ]),
    ).toMatchObject({ kind: 'seen', parent: 'org', ttlSeconds: 3_600 });
    expect(await look([[], []])).toEqual({ kind: 'seen', parent: 'org', ds: [] });
  });

  it.each([
    ['its servers differ', [[DS], [OTHER]], /do not all have the same/],
    ['one has them not yet', [[DS], []], /do not all have the same/],
    ['one is silent', [[DS], undefined], /ns1\.org, a server of org, does not answer/],
    ['it cannot be found', [], /cannot be found/],
  ])('shows nothing where %s', async (_what, servers, reason) => {
    expect(await look(servers)).toEqual({ kind: 'fault', reason: expect.stringMatching(reason) as string });
  });

  it('takes no word of a server without authority', async () => {
    expect(await look([[DS]], FLAG.QR)).toMatchObject({ kind: 'fault' });
  });
});
