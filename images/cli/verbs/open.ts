import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { parseAdminAddress } from '../operator/admin-client.ts';
import { createLoginLink } from '../operator/login-link.ts';
import { requireOperator } from '../operator/operator-store.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  summary: 'open HOST[:PORT] [--print] [--forget]: enter the status page of an appliance',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { print: { type: 'boolean', default: false }, forget: { type: 'boolean', default: false } },
    });
    const [host] = positionals;
    if (host === undefined) {
      console.error('lares open: say which host, such as `lares open 192.0.2.7`');
      return 2;
    }
    const address = parseAdminAddress(host);
    const link = await createLoginLink(await requireOperator(), address, { forget: values.forget });
    console.log(link);
    if (!values.print) openBrowser(link);
    return 0;
  },
};

/** Where there is no desktop, the printed link is enough. */
function openBrowser(link: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const hasDesktop =
    process.platform === 'darwin' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (!hasDesktop) return;
  const browser = spawn(command, [link], { detached: true, stdio: 'ignore' });
  browser.once('error', () =>
    console.error(`${command} is not there: open the link yourself, within a minute`),
  );
  browser.unref();
}
