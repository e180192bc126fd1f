import type { ZodType } from 'zod';
import type { Releases } from '../components/releases/releases.ts';
import type { Devices } from '../devices/devices.ts';
import type { Administration } from './administration.ts';
import type { TableSchemas } from './configuration/schema.ts';

/** What a service says of its own state; shown on the status page and turned into alerts. */
export interface Health {
  /** Something is wrong but the service goes on. `key` names the condition, `reason` is a sentence for people. */
  degrade(key: string, reason: string): void;
  /** The condition is over. */
  recover(key: string): void;
}

/** A heading and rows that a service adds to the status page. */
export interface StatusSection {
  readonly title: string;
  readonly rows: readonly (readonly [label: string, value: string])[];
  /** Under the rows; each to a page of the service's own, `/service/NAME?…`. */
  readonly links?: readonly { readonly text: string; readonly href: string }[];
}

/** A running service. Disposing it stops listening, lets running exchanges end (at most 5 s), and releases everything. */
export interface Service extends AsyncDisposable {
  /** Begins to serve; resolves when it answers. Throws with a message for people where it cannot. */
  start(signal: AbortSignal): Promise<void>;
  /** Where it can be reached, for console and status page: 'https://192.0.2.1/'. */
  urls(): readonly string[];
  status(): readonly StatusSection[];
  /** What takes new content while the service runs; operators put it there by `lares site push`. */
  releases?(): readonly Releases[];
  /** What else operators may look at and do; undefined before it runs. */
  administration?(): Administration | undefined;
}

export interface ServiceContext {
  readonly health: Health;
  /** Folder of baked-in content on this platform. */
  readonly contentFolder: string;
  /** Numeric addresses of the machine at this moment; absent where the service is kept from knowing (in a worker). */
  readonly addresses?: () => Promise<readonly string[]>;
  /** The text of a secret that the owner put beside the configuration. */
  readonly secret?: (name: string) => Promise<string | undefined>;
}

/** A kind of service as a composition root hands it to the appliance. */
export interface ServiceDefinition<Config> {
  /** 'web-service' and so on: the folder, the scripts and the image are called so. */
  readonly name: string;
  /** The service's own part of the TOML file: a strict object. The appliance adds its own parts beside it. */
  readonly configuration: ZodType<Partial<Config>>;
  /** Tables that several services have in common (`[certificates]`): `create` gets each under its name, beside the service's own keys. */
  readonly sharedTables?: TableSchemas;
  readonly create: (config: Config, devices: Devices, context: ServiceContext) => Service;
}
