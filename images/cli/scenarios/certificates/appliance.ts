import {
  openCertificates,
  type Certificates,
} from '../../../../shared/components/certificates/certificates.ts';
import { certificatesConfiguration } from '../../../../shared/components/certificates/configuration.ts';
import { encodeUtf8 } from '../../../../shared/base/bytes.ts';
import type { Devices } from '../../../../shared/devices/devices.ts';
import type { HttpRequest, HttpResponse } from '../../../../shared/devices/http.ts';
import {
  judgeHttp,
  judgeTls,
  type Finding,
  type ValidationAction,
} from '../../../../shared/simulation/acme-authority/validation.ts';
import type { SimulatedHost } from '../../../../shared/simulation/host.ts';
import { startProgram } from '../../../../shared/simulation/scenario.ts';
import type { World } from '../../../../shared/simulation/world.ts';
import { createSeededMaker } from './seeded-maker.ts';

export interface ApplianceOptions {
  readonly nameSets: readonly (readonly string[])[];
  /** Directories, in the order in which they are tried. */
  readonly authorities: readonly string[];
  readonly profile: string;
  readonly challenges: readonly string[];
  /** The devices that the component gets, made of those of each life. */
  readonly devicesOf: (devices: Devices) => Devices;
}

/** A host that does nothing but keep its certificates, through reboots and power cuts. */
export class Appliance {
  readonly host: SimulatedHost;
  /** What a packet filter in front of it does: authorities cannot look. */
  isCutOff = false;
  readonly #world: World;
  readonly #options: ApplianceOptions;
  #certificates: Certificates | undefined;

  constructor(world: World, options: ApplianceOptions) {
    this.#world = world;
    this.#options = options;
    this.host = world.host('appliance');
  }

  /** Undefined while it is down or starting. */
  get certificates(): Certificates | undefined {
    return this.#certificates;
  }

  start(): void {
    startProgram(this.#world, this.host, devices => this.#run(devices));
  }

  async #run(devices: Devices): Promise<void> {
    const { nameSets, authorities, profile, challenges, devicesOf } = this.#options;
    const configuration = certificatesConfiguration.parse({ ca: [...authorities], profile, challenges });
    const health = { degrade: () => undefined, recover: () => undefined };
    const maker = createSeededMaker(devices.secureRandom);
    this.#certificates = await openCertificates(
      { nameSets, configuration },
      devicesOf(devices),
      health,
      maker,
    );
  }

  /** Stops in good order, or as when power goes, and is back after `downMs`. */
  async restart(downMs: number, inOrder: boolean): Promise<void> {
    if (!this.host.isUp) return;
    const certificates = this.#certificates;
    this.#certificates = undefined;
    if (inOrder) await certificates?.[Symbol.asyncDispose]();
    if (!this.host.isUp) return;
    this.host.crash();
    await this.#world.sleep(downMs);
    this.host.restart();
    this.start();
  }

  /** What its port 80 answers, also to itself. */
  answer({ url }: HttpRequest): HttpResponse {
    const token = url.pathname.split('/').at(-1) ?? '';
    const body = this.#certificates?.keyAuthorizationFor(token);
    return { status: body === undefined ? 404 : 200, headers: {}, body: encodeUtf8(body ?? '') };
  }

  /** What an authority finds when it looks for a proof. */
  look(action: ValidationAction): Finding {
    const certificates = this.#certificates;
    if (certificates === undefined || this.isCutOff)
      return { type: 'connection', detail: 'the connection was refused' };
    if (action.type === 'http-01') {
      const body = certificates.keyAuthorizationFor(action.token);
      return judgeHttp(action, body === undefined ? 404 : 200, body ?? '');
    }
    const shown = certificates.challengeCredentialsFor(action.identifier.value);
    if (shown === undefined) return { type: 'tls', detail: 'no certificate was shown' };
    return judgeTls(action, 'acme-tls/1', derOf(shown.certificateChainPem));
  }
}

function derOf(pem: string): Uint8Array {
  return Uint8Array.fromBase64((pem.split('-----')[2] ?? '').replaceAll('\n', ''));
}
