/** Which of `folders` (decoded names) holds `path` (decoded, without leading slash): its index, or undefined. The folder's own URL counts. */
export function lockOf(
  folders: readonly (readonly string[])[],
  path: string,
  entered: readonly number[],
): number | undefined {
  if (folders.length === 0) return undefined;
  const names = path.split('/');
  const index = folders.findIndex(
    (folder, at) => !entered.includes(at) && folder.every((name, depth) => names[depth] === name),
  );
  return index < 0 ? undefined : index;
}
