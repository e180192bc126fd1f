/**
 * The machine's network alone, as a program for a network namespace: takes `[network]` as JSON and a file for
 * resolv.conf, prints one JSON line whenever something changed, and goes on until it is killed.
 */
import { networkTable } from '../../shared/machine/network-configuration.ts';
import { startNetwork } from '../../shared/machine/network/network.ts';
import { createPrivileges } from '../../shared/machine/privileges.ts';

const [configuration = '{}', resolvConf = '/dev/null'] = process.argv.slice(2);
const network = await startNetwork({
  configuration: networkTable.parse(JSON.parse(configuration)),
  hostname: 'lares-test',
  resolvConf,
  privileges: createPrivileges(),
  note: text => console.log(JSON.stringify({ note: text })),
});
let last = '';
setInterval(() => {
  const line = JSON.stringify({
    addresses: network.addresses(),
    nameServers: network.nameServers(),
    timeServers: network.timeServers(),
    faults: network.faults(),
  });
  if (line !== last) console.log(line);
  last = line;
}, 50);
