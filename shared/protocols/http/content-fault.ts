/** Something in a site that its owner has to set right. */
export interface ContentFault {
  /** Which file, as the owner sees it. */
  readonly file?: string;
  readonly line?: number;
  /** A sentence without a full stop. */
  readonly reason: string;
}

export function formatContentFault({ file, line, reason }: ContentFault): string {
  if (file === undefined) return reason;
  return line === undefined ? `${file}: ${reason}` : `${file}:${line}: ${reason}`;
}
