import type { Directory } from '../disk/tree.ts';
import { directory, file } from '../disk/tree.ts';

/** What a person finds on the drive LARES: how to change the configuration, and the one that is baked in. */
export function settingsDrive(service: string, configuration: string): Directory {
  return directory({
    'README.txt': file(crlf(readme(service))),
    'lares.example.toml': file(crlf(configuration)),
  });
}

function readme(service: string): string {
  return `This is the settings drive of a Lares appliance (${service}).

To change how it runs, copy lares.example.toml to lares.toml on this drive,
change it with any text editor, and start the appliance again. It then uses
lares.toml instead of the configuration that it was built with. If something in
the file is wrong, the console and the status page on port 8443 say what, and
where, and nothing is lost; without lares.toml the appliance runs as it was
built.
`;
}

/** Old editors on Windows show one long line otherwise; TOML takes both. */
function crlf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}
