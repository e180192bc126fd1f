import { configurationSchema, type ConfiguredService } from '../../shared/appliance/configuration/schema.ts';
import { networkConfiguration } from '../../shared/machine/network-configuration.ts';
import { dnsService } from '../../services/dns-service/service.ts';
import { webService } from '../../services/web-service/service.ts';

/** Every service of this repository, for the commands that look at configurations. */
const definitions: readonly ConfiguredService[] = [webService, dnsService];

export const serviceNames: readonly string[] = definitions.map(({ name }) => name);

/** The schema of the whole file for that service. @throws Error for people where there is no such service. */
export function schemaOf(name: string): ReturnType<typeof configurationSchema> {
  const definition = definitions.find(each => each.name === name);
  if (definition === undefined)
    throw new Error(`there is no service '${name}'; there are: ${serviceNames.join(', ')}`);
  return configurationSchema(definition, networkConfiguration);
}
