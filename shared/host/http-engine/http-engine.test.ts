import { describeHttpEngine } from '../../compliance/http-engine.ts';
import { complianceHttpPlanes } from '../../compliance/http-planes.ts';
import { createHostClock } from '../clock.ts';
import { createHostLog } from '../log.ts';
import { createHostTcp } from '../tcp.ts';
import { createHostTls } from '../tls.ts';
import { createHostHttpEngine } from './http-engine.ts';

const entry = new URL('../../../integration/host/http-entry.ts', import.meta.url);
const log = createHostLog({ output: false });
const noNames = (): never => {
  throw new Error('this test asks for no names');
};

describeHttpEngine('the host', async () => {
  const engine = createHostHttpEngine({ entry, planes: complianceHttpPlanes, log });
  if (engine === undefined) throw new Error('the host has no node:ffi');
  const client = { tcp: createHostTcp(noNames), tls: createHostTls() };
  const end = async (): Promise<void> => {};
  return { engine, client, address: '::1', clock: createHostClock(), [Symbol.asyncDispose]: end };
});
