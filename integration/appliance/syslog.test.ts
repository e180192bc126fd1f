import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSelfSignedCertificate } from '../../shared/components/x509/self-signed.ts';
import { eventually } from '../eventually.ts';
import { lastingPort } from '../lasting-port.ts';
import { listening } from '../listening.ts';
import { createHousehold, watch, type Household, type Running } from './harness.ts';

let household: Household;
let ports: { readonly udp: number; readonly tcp: number; readonly tls: number };
let pin: string;
const received = (): string => join(household.folder, 'received.log');
let receiver: Running | undefined;

beforeAll(async () => {
  household = createHousehold();
  const certificate = await createSelfSignedCertificate({
    commonName: 'receiver',
    names: ['127.0.0.1'],
    usage: 'server',
  });
  pin = certificate.sha256;
  await writeFile(join(household.folder, 'receiver.pem'), certificate.certificateChainPem);
  await writeFile(join(household.folder, 'receiver.key'), certificate.privateKeyPem, { mode: 0o600 });
  await writeFile(received(), '');
  ports = {
    udp: await lastingPort({ datagrams: true }),
    tcp: await lastingPort(),
    tls: await lastingPort(),
  };
  receiver = await startReceiver();
});
afterAll(async () => {
  receiver?.process.kill();
  await receiver?.finished;
  await household[Symbol.asyncDispose]();
});

/** rsyslog, writing each message's parts as it understood them. */
async function startReceiver(): Promise<Running> {
  const file = join(household.folder, 'rsyslog.conf');
  await writeFile(
    file,
    `global(workDirectory="${household.folder}" defaultNetstreamDriverCAFile="${household.folder}/receiver.pem"
  defaultNetstreamDriverCertFile="${household.folder}/receiver.pem" defaultNetstreamDriverKeyFile="${household.folder}/receiver.key")
module(load="imudp")
module(load="imtcp")
template(name="parts" type="string"
  string="%inputname% %hostname% %app-name% %syslogfacility-text%.%syslogseverity-text% %msgid% %structured-data% %msg%\\n")
ruleset(name="keep") { action(type="omfile" file="${received()}" template="parts" asyncWriting="off" flushOnTXEnd="on") }
input(type="imudp" address="127.0.0.1" port="${ports.udp}" ruleset="keep")
input(type="imtcp" address="127.0.0.1" port="${ports.tcp}" ruleset="keep")
input(type="imtcp" address="127.0.0.1" port="${ports.tls}" ruleset="keep"
  streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
`,
  );
  const started = watch(
    spawn('/usr/sbin/rsyslogd', ['-n', '-f', file, '-i', join(household.folder, 'rsyslog.pid')]),
  );
  for (const port of [ports.tcp, ports.tls]) await listening('rsyslog', port);
  return started;
}

const configuration = (name: string, to: string, more = ''): string =>
  `[appliance]\nhostname = "${name}"\n[admin]\nport = 0\n[syslog]\nto = "${to}"\nfacility = "local4"\n${more}`;

describe('the log goes to a real rsyslog (RFC 5424)', () => {
  it.each([
    ['udp', 'imudp', ''],
    ['tcp', 'imtcp', ''],
    ['tls', 'imtcp', 'pinned'],
  ] as const)('over %s', async (transport, input, pinned) => {
    const to = `${transport}://127.0.0.1:${ports[transport]}`;
    const more = pinned === '' ? '' : `pinned-sha256 = "${pin}"\n`;
    await household.start(configuration(`house-${transport}`, to, more), { data: transport });
    const line = await eventually(`a message over ${transport}`, async () =>
      (await readFile(received(), 'utf8'))
        .split('\n')
        .find(each => each.startsWith(`${input} house-${transport} `) && each.includes(' ready ')),
    );
    expect(line).toMatch(
      / demo-service local4\.info ready \[lares@32473 urls="\[\\"https:\/\/127\.0\.0\.1:\d+\/\\"\\\]"\] ready$/,
    );
  });

  it('is not sent to a receiver with another certificate, which degrades health', async () => {
    const wrong = configuration(
      'house-wrong',
      `tls://127.0.0.1:${ports.tls}`,
      `pinned-sha256 = "${'0'.repeat(64)}"\n`,
    );
    const started = await household.start(wrong, { data: 'wrong' });
    await started.printed(
      /"condition":"syslog","reason":"The syslog receiver 127\.0\.0\.1, port \d+, is not reached/,
    );
    expect(await readFile(received(), 'utf8')).not.toContain('house-wrong');
  });

  it('waits for a receiver that comes back', async () => {
    const started = await household.start(configuration('house-patient', `tcp://127.0.0.1:${ports.tcp}`), {
      data: 'patient',
    });
    await eventually('the first message', async () =>
      (await readFile(received(), 'utf8')).includes('house-patient'),
    );
    receiver?.process.kill();
    await receiver?.finished;
    await started.printed(/"condition":"syslog","reason":"The syslog receiver[^"]+closed the connection/);
    receiver = await startReceiver();
    await eventually('the trouble, told afterwards', async () =>
      /imtcp house-patient demo-service local4\.warning degraded /.test(await readFile(received(), 'utf8')),
    );
    await started.printed(/"condition":"syslog".*"msg":"recovered"/);
  });
});
