import { createHash } from 'node:crypto';
import type { Part } from '../prebuilt/lock.ts';
import type { NpmPackage } from './npm-packages.ts';

export interface SbomContent {
  readonly service: string;
  readonly version: string;
  /** SHA-256 of the disk, or what else identifies the image. */
  readonly identity: string;
  readonly npmPackages: readonly NpmPackage[];
  readonly parts: readonly Part[];
}

/**
 * What is in the image, in SPDX 2.3 (ISO/IEC 5962's successor). §6.9 asks for a time of creation: it is the epoch, since
 * a real one would make every build another.
 */
export function formatSbom(content: SbomContent): string {
  const name = `lares-${content.service}-${content.version}`;
  const packages = [...content.npmPackages.map(describeNpmPackage), ...content.parts.map(describePart)];
  const image = {
    SPDXID: 'SPDXRef-image',
    name: `lares-${content.service}`,
    versionInfo: content.version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'Apache-2.0',
    copyrightText: 'NOASSERTION',
    primaryPackagePurpose: 'OPERATING-SYSTEM',
    checksums: [{ algorithm: 'SHA256', checksumValue: content.identity }],
  };
  return `${JSON.stringify(
    {
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name,
      documentNamespace: `https://lares.invalid/spdx/${name}-${content.identity}`,
      creationInfo: { created: '1970-01-01T00:00:00Z', creators: ['Tool: lares'] },
      packages: [image, ...packages],
      relationships: [
        {
          spdxElementId: 'SPDXRef-DOCUMENT',
          relationshipType: 'DESCRIBES',
          relatedSpdxElement: image.SPDXID,
        },
        ...packages.map(({ SPDXID }) => ({
          spdxElementId: image.SPDXID,
          relationshipType: 'CONTAINS',
          relatedSpdxElement: SPDXID,
        })),
      ],
    },
    undefined,
    2,
  )}\n`;
}

function describeNpmPackage(each: NpmPackage) {
  return {
    SPDXID: `SPDXRef-npm-${identifier(`${each.name}-${each.version}`)}`,
    name: each.name,
    versionInfo: each.version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: each.license,
    copyrightText: 'NOASSERTION',
    ...(each.integrity?.startsWith('sha512-') === true && {
      checksums: [
        {
          algorithm: 'SHA512',
          checksumValue: Buffer.from(each.integrity.slice(7), 'base64').toString('hex'),
        },
      ],
    }),
    externalRefs: [purl(`pkg:npm/${each.name.replace('@', '%40')}@${each.version}`)],
  };
}

function describePart(part: Part) {
  return {
    SPDXID: `SPDXRef-part-${identifier(part.name)}`,
    name: part.name,
    versionInfo: part.version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: part.license,
    copyrightText: 'NOASSERTION',
    checksums: [{ algorithm: 'SHA256', checksumValue: part.sha256 }],
    sourceInfo: part.made,
    externalRefs: part.from.map(origin =>
      purl(`pkg:deb/debian/${origin.package}@${encodeURIComponent(origin.version)}`),
    ),
  };
}

function purl(locator: string) {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: locator };
}

/** §3.2: letters, digits, dots and hyphens; a hash keeps apart what the rest makes alike. */
function identifier(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${text.replaceAll(/[^A-Za-z0-9.-]+/g, '-').replace(/^-/, '')}-${hash}`;
}
