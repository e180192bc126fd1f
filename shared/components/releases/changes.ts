import { CHANGES_TOLD_MAX } from './limits.ts';
import type { PackedFile } from './pack.ts';

/** What a release has that the one before had not. */
export interface Changes {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** The first of them, marked `+`, `~` or `-`. */
  readonly names: readonly string[];
}

export function changesBetween(before: readonly PackedFile[], after: readonly PackedFile[]): Changes {
  const old = new Map(before.map(file => [file.path, file.sha256]));
  const added: string[] = [];
  const changed: string[] = [];
  for (const { path, sha256 } of after) {
    const known = old.get(path);
    if (known === undefined) added.push(path);
    else if (known !== sha256) changed.push(path);
    old.delete(path);
  }
  const removed = [...old.keys()];
  const names = [
    ...changed.map(path => `~ ${path}`),
    ...added.map(path => `+ ${path}`),
    ...removed.map(path => `- ${path}`),
  ];
  return {
    added: added.length,
    changed: changed.length,
    removed: removed.length,
    names: names.slice(0, CHANGES_TOLD_MAX),
  };
}

/** Files are told by name and content alone: a new date makes no new release. */
export function isUnchanged({ added, changed, removed }: Changes): boolean {
  return added + changed + removed === 0;
}
