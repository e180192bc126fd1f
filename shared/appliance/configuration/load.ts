import { parseOperator, type OperatorPublic } from '../../components/operator-keys/operator.ts';
import type { ConfigurationSource } from '../../devices/platform.ts';
import type { ServiceDefinition } from '../service.ts';
import { formatFault, parseToml, readConfiguration } from './read.ts';
import {
  configurationSchema,
  salvage,
  serviceConfiguration,
  type ApplianceConfiguration,
  type TableSchemas,
} from './schema.ts';

export interface LoadedConfiguration<Config> {
  /** Where it came from, for people. */
  readonly origin: string;
  /** One line each; with any of them `service` is undefined. */
  readonly faults: readonly string[];
  readonly appliance: ApplianceConfiguration;
  readonly service: Config | undefined;
  readonly operators: readonly OperatorPublic[];
}

const DEFAULTS: ConfigurationSource = { origin: 'built-in defaults', text: '' };

/**
 * The first source counts. Where it is faulty, the appliance itself still works with those of its tables that are right,
 * so that its owner can enter and read what is wrong.
 */
export function loadConfiguration<Config>(
  sources: readonly ConfigurationSource[],
  definition: ServiceDefinition<Config>,
  platformTables: TableSchemas = {},
): LoadedConfiguration<Config> {
  const source = sources[0] ?? DEFAULTS;
  const read = readConfiguration(source, configurationSchema(definition, platformTables));
  if (read.ok) {
    const appliance = read.value as unknown as ApplianceConfiguration;
    const service = serviceConfiguration(definition, read.value) as Config;
    return { origin: source.origin, faults: [], appliance, service, operators: operatorsOf(appliance) };
  }
  const appliance = salvageFrom(sources);
  const faults = read.error.map(formatFault);
  return { origin: source.origin, faults, appliance, service: undefined, operators: operatorsOf(appliance) };
}

/** A text that is not TOML at all tells nothing; then the next source says who may enter, or nobody could read why. */
function salvageFrom(sources: readonly ConfigurationSource[]): ApplianceConfiguration {
  for (const source of sources) {
    const raw = parseToml(source);
    if (raw.ok) return salvage(raw.value);
  }
  return salvage({});
}

function operatorsOf(appliance: ApplianceConfiguration): OperatorPublic[] {
  return appliance.operator.keys.flatMap(line => {
    const parsed = parseOperator(line);
    return parsed.ok ? [parsed.value] : [];
  });
}
