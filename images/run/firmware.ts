import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const UEFI_PAIRS = [
  ['/usr/share/OVMF/OVMF_CODE.fd', '/usr/share/OVMF/OVMF_VARS.fd'],
  ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'],
  ['/usr/share/edk2/ovmf/OVMF_CODE.fd', '/usr/share/edk2/ovmf/OVMF_VARS.fd'],
] as const;

/** QEMU's arguments for a UEFI machine: the firmware, and a copy of its variables that the guest may write. */
export function uefiArguments(folder: string): string[] {
  const pair = UEFI_PAIRS.find(([code]) => existsSync(code));
  if (pair === undefined)
    throw new Error(
      'no UEFI firmware for QEMU found; on Debian: sudo apt-get install -y --no-install-recommends ovmf',
    );
  const [code, template] = pair;
  const variables = join(folder, 'uefi-variables.fd');
  copyFileSync(template, variables);
  return [
    '-drive',
    `if=pflash,format=raw,readonly=on,file=${code}`,
    '-drive',
    `if=pflash,format=raw,file=${variables}`,
  ];
}
