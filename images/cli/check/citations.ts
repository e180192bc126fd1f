import type { SourceFile } from './layers.ts';

/** The RFCs that Lares speaks of: number → title. A number that is not here is refused as a probable slip. */
export type KnownStandards = Readonly<Record<string, string>>;

interface Citation {
  readonly rfc: string;
  readonly path: string;
  readonly line: number;
  /** The text of a `DEVIATES from RFC …: why` comment. */
  readonly deviation?: string;
}

const CITATION = /\bRFCs?[ -]?([0-9]{1,5})\b/g;
const DEVIATION = /DEVIATES from RFC ?([0-9]+)[^:]*: *(.+)/;

/** Citations of RFCs that are not in the table, as `file:line: what`. */
export function checkCitations(files: readonly SourceFile[], known: KnownStandards): string[] {
  return files
    .flatMap(findCitations)
    .flatMap(({ rfc, path, line }) =>
      rfc in known
        ? []
        : [
            `${path}:${line}: cites RFC ${rfc}, which standards.json does not know: mend the number or add it with its title`,
          ],
    );
}

/** The table of standards as Markdown: which folders obey which RFC, and every confessed deviation. */
export function formatStandards(files: readonly SourceFile[], known: KnownStandards): string {
  const citations = files.filter(file => file.path.endsWith('.ts')).flatMap(findCitations);
  const rows = Object.keys(known)
    .sort((left, right) => Number(left) - Number(right))
    .flatMap(rfc => standardRow(rfc, known[rfc] ?? '', citations));
  const deviations = citations.filter(citation => citation.deviation !== undefined).map(deviationRow);
  return [
    '# Standards',
    '',
    'Written by `npm run lares -- check --write` from the citations in the source; do not edit.',
    '',
    '| RFC | title | cited in |',
    '| --- | --- | --- |',
    ...rows,
    '',
    '## Deviations',
    '',
    ...(deviations.length === 0 ? ['None confessed.'] : deviations),
    '',
  ].join('\n');
}

function standardRow(rfc: string, title: string, citations: readonly Citation[]): string[] {
  const folders = new Set(
    citations
      .filter(citation => citation.rfc === rfc)
      .map(citation => citation.path.split('/').slice(0, -1).join('/')),
  );
  if (folders.size === 0) return [];
  return [
    `| ${rfc} | ${title} | ${[...folders]
      .sort()
      .map(folder => `\`${folder}\``)
      .join(', ')} |`,
  ];
}

function deviationRow(citation: Citation): string {
  return `- RFC ${citation.rfc}, \`${citation.path}\`: ${citation.deviation ?? ''}`;
}

function findCitations(file: SourceFile): Citation[] {
  return file.text.split('\n').flatMap((text, index) => {
    const deviation = DEVIATION.exec(text);
    return [...text.matchAll(CITATION)].map(match => ({
      rfc: match[1] ?? '',
      path: file.path,
      line: index + 1,
      ...(deviation?.[1] === match[1] && deviation?.[2] !== undefined ? { deviation: deviation[2] } : {}),
    }));
  });
}
