/** Something in content (a site, a zone) that its owner has to set right. */
export interface ContentFault {
  /** Which file, as the owner sees it. */
  readonly file?: string;
  readonly line?: number;
  /** A sentence without a full stop. */
  readonly reason: string;
}

/** `file:line: reason`, as far as there is one. */
export function formatContentFault({ file, line, reason }: ContentFault): string {
  if (file === undefined) return reason;
  return line === undefined ? `${file}: ${reason}` : `${file}:${line}: ${reason}`;
}
