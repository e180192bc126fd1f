/** Looks at a web appliance from where this program runs: its host, as it stands in a URL, is the argument. Prints its health. */
import { fetchFrom, probeWebService } from '../../images/run/probe.ts';

const [host = ''] = process.argv.slice(2);
await probeWebService(port => port, host);
console.log((await fetchFrom(`https://${host}:8443/health`)).body);
