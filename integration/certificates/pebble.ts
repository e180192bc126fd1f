import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchFrom } from '../../images/run/probe.ts';
import { createSelfSignedCertificate } from '../../shared/components/x509/self-signed.ts';
import { watch, type Running } from '../appliance/harness.ts';
import { createScratch } from '../images/scratch.ts';
import { lastingPort } from '../lasting-port.ts';
import { listening } from '../listening.ts';

export interface PebbleOptions {
  /** Where it looks for proofs: every name is this machine's loopback address to it. */
  readonly httpPort: number;
  readonly tlsPort: number;
  /** Good nonces that it refuses, so that clients are seen to try again. The default is 15. */
  readonly nonceRejectPercent?: number;
  /** Takes every name for proved without a look at the proof. */
  readonly alwaysValid?: boolean;
  /** Where it looks names up instead of its own name server: `address:port`. */
  readonly nameServer?: string;
  /** Accounts only for customers with one of these keys (base64url), by identifier. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
}

/** Debian's pebble with its name server: a certificate authority that forgets everything at its end. */
export interface Pebble extends AsyncDisposable {
  /** The directory, as seen from this machine or from who calls it `host`. */
  directoryUrl(host?: string): string;
  /** What an ACME client must trust to talk to it. */
  readonly trustAnchorPem: string;
  /** The root above the certificates that it issues. */
  readonly rootPem: string;
  /** Adds a TXT record to the zone that it looks at, or takes them away again; `name` without the final dot. */
  setText(name: string, value: string): Promise<void>;
  clearText(name: string): Promise<void>;
  /** How many orders it took. */
  orders(): number;
  /** How many orders it made invalid, since it did not find a proof. */
  ordersRefused(): number;
  /** How many requests it heard. */
  requests(): number;
  /** How many certificates it issued. */
  issued(): number;
  /** All that it said. */
  log(): string;
}

/** What a guest on QEMU's own network calls this machine. */
export const HOST_OF_GUESTS = '10.0.2.2';
const LOOPBACK = '127.0.0.1';

export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const scratch = await createScratch();
  const names = ['localhost', LOOPBACK, HOST_OF_GUESTS];
  const own = await createSelfSignedCertificate({ commonName: 'Pebble', names, usage: 'server' });
  const files = { certificate: join(scratch.path, 'own.pem'), privateKey: join(scratch.path, 'own.key') };
  const ports = {
    acme: await lastingPort(),
    management: await lastingPort(),
    dns: await lastingPort(),
    zone: await lastingPort(),
  };
  const configuration = {
    ...files,
    listenAddress: `${LOOPBACK}:${ports.acme}`,
    managementListenAddress: `${LOOPBACK}:${ports.management}`,
    httpPort: options.httpPort,
    tlsPort: options.tlsPort,
    ...(options.externalAccounts === undefined
      ? {}
      : { externalAccountBindingRequired: true, externalAccountMACKeys: options.externalAccounts }),
  };
  const configurationFile = join(scratch.path, 'pebble.json');
  await writeFile(files.certificate, own.certificateChainPem);
  await writeFile(files.privateKey, own.privateKeyPem);
  await writeFile(configurationFile, JSON.stringify({ pebble: configuration }));
  const nameServer = await startNameServer(ports.dns, ports.zone);
  const environment = {
    ...process.env,
    PEBBLE_WFE_NONCEREJECT: String(options.nonceRejectPercent ?? 15),
    // Otherwise it waits for up to 15 s before it looks at a proof.
    PEBBLE_VA_NOSLEEP: '1',
    PEBBLE_VA_ALWAYS_VALID: options.alwaysValid === true ? '1' : '0',
  };
  const arguments_ = [
    '-config',
    configurationFile,
    '-dnsserver',
    options.nameServer ?? `${LOOPBACK}:${ports.dns}`,
  ];
  const pebble = watch(spawn('pebble', arguments_, { env: environment }));
  await Promise.all([listening('pebble', ports.acme), listening("pebble's management", ports.management)]);
  const tell = async (what: string, body: object): Promise<void> => {
    const url = `http://${LOOPBACK}:${ports.zone}/${what}`;
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  };
  const count = (pattern: RegExp): number => pebble.output().match(pattern)?.length ?? 0;
  return {
    directoryUrl: (host = LOOPBACK) => `https://${host}:${ports.acme}/dir`,
    trustAnchorPem: own.certificateChainPem,
    rootPem: (await fetchFrom(`https://${LOOPBACK}:${ports.management}/roots/0`)).body,
    setText: (host, value) => tell('set-txt', { host: `${host}.`, value }),
    clearText: host => tell('clear-txt', { host: `${host}.` }),
    orders: () => count(/There are now \d+ orders in the db/g),
    ordersRefused: () => count(/order \S+ set INVALID by invalid authz /g),
    requests: () => count(/-> calling handler/g),
    issued: () => count(/Issued certificate serial /g),
    log: () => pebble.output(),
    async [Symbol.asyncDispose]() {
      for (const program of [pebble, nameServer]) {
        program.process.kill();
        await program.finished;
      }
      await scratch[Symbol.asyncDispose]();
    },
  };
}

/** Answers for every name with this machine's loopback address. */
async function startNameServer(port: number, managementPort: number): Promise<Running> {
  const nothing = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''];
  const management = ['-management', `${LOOPBACK}:${managementPort}`];
  const server = watch(
    spawn('pebble-challtestsrv', ['-dns01', `${LOOPBACK}:${port}`, ...nothing, ...management]),
  );
  await listening("pebble's name server", managementPort);
  return server;
}
