import { createValidatingResolver } from '../components/resolver/resolver.ts';
import type { ResolverConfiguration } from './configuration/resolver.ts';
import type { ApplianceDevices } from './run-options.ts';

const DNS_PORT = 53;

/** The devices with the resolver that the configuration wants; they are disposed of together. */
export function chooseResolver(
  devices: ApplianceDevices,
  { mode, forwarders }: ResolverConfiguration,
): ApplianceDevices {
  if (mode === 'system') return devices;
  const endpoints = forwarders.map(host => ({ host, port: DNS_PORT }));
  const resolver = createValidatingResolver(endpoints.length === 0 ? {} : { forwarders: endpoints }, devices);
  return {
    ...devices,
    resolver,
    async [Symbol.asyncDispose]() {
      await resolver[Symbol.asyncDispose]();
      await devices[Symbol.asyncDispose]();
    },
  };
}
