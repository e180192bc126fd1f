import { describeHttpEngine } from '../../compliance/http-engine.ts';
import { complianceHttpPlanes } from '../../compliance/http-planes.ts';
import { createHostClock } from '../clock.ts';
import { createHostLog } from '../log.ts';
import { createHostTcp } from '../tcp.ts';
import { createHostTls } from '../tls.ts';
import { createHostHttpEngine } from './http-engine.ts';

const entry = new URL('../../../integration/host/compliance-entry.ts', import.meta.url);
const log = createHostLog({ output: false });
const noNames = (): never => {
  throw new Error('this test asks for no names');
};

for (const address of ['127.0.0.1', '::1'])
  describeHttpEngine(`the host (${address})`, async () => {
    const engine = createHostHttpEngine({ entry, planes: complianceHttpPlanes, log });
    if (engine === undefined) throw new Error('the host has no node:ffi');
    const client = { tcp: createHostTcp(noNames), tls: createHostTls() };
    return { engine, client, address, clock: createHostClock(), [Symbol.asyncDispose]: async () => {} };
  });
