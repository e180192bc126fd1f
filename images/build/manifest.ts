import { ALLOWED_CALLS } from '../../shared/machine/lockdown/allow-list.ts';
import type { Part } from '../prebuilt/lock.ts';
import type { NpmPackage } from './npm-packages.ts';

export interface OutputFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** `manifest.json`: what the image is, for people, updates and tests. Sizes are bytes. */
export interface Manifest {
  readonly service: string;
  readonly arch: string;
  readonly version: string;
  readonly debug: boolean;
  readonly runtime: string;
  readonly commandLine: string;
  readonly memoryMiB: number;
  /** How many system calls the service may make once it is locked down. */
  readonly systemCalls: number;
  readonly squashfsBlockBytes: number;
  readonly files: Readonly<Record<'kernel' | 'root.img' | 'disk.img', OutputFile>>;
  /** Files of the root with an execute bit. */
  readonly executables: readonly string[];
  readonly packages: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<string, string>>;
}

export type ManifestContent = Omit<Manifest, 'systemCalls' | 'packages' | 'parts'> & {
  readonly npmPackages: readonly NpmPackage[];
  readonly lockedParts: readonly Part[];
};

export function formatManifest({ npmPackages, lockedParts, ...rest }: ManifestContent): string {
  const manifest: Manifest = {
    ...rest,
    systemCalls: ALLOWED_CALLS,
    packages: Object.fromEntries(npmPackages.map(each => [each.name, each.version])),
    parts: Object.fromEntries(lockedParts.map(part => [part.name, part.version])),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
