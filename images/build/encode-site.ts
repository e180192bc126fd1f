import { encodeContent } from '../../shared/components/content-codings/encode-content.ts';
import { encodeFile, type EncodeInput } from '../../shared/components/content-codings/encode-file.ts';
import { formatContentFault } from '../../shared/base/content-fault.ts';
import { CODINGS_FOLDER, indexContent, type SiteFile } from '../../shared/protocols/http/index-content.ts';
import { file, filesOf, type Node, treeFromPaths } from '../disk/tree.ts';
import type { ContentFolder } from './recipe.ts';

/**
 * A site's folder with the codings of its files, so that a machine of 128 MB need not make them at every start.
 * @throws Error that names file and line where its rules are wrong
 */
export async function encodeSite(name: string, folder: Node): Promise<Node> {
  const files = checkedFiles(name, folder);
  const encoded = await encodeContent(files, JOBS, 'best');
  return treeFromPaths(encoded.map(({ path, bytes }) => [path, file(bytes.slice())]));
}

/** Only looks whether the folder could be encoded, which takes no time. @throws Error as {@link encodeSite} */
export function checkSite({ name, folder }: Pick<ContentFolder, 'name' | 'folder'>): void {
  checkedFiles(name, folder);
}

function checkedFiles(name: string, folder: Node): SiteFile[] {
  const files = [...filesOf(folder)].filter(({ path }) => !path.startsWith(`${CODINGS_FOLDER}/`));
  const indexed = indexContent(files, 0);
  if (!indexed.ok) throw new Error(`${name}/${indexed.error.map(formatContentFault).join(`\n${name}/`)}`);
  return files;
}

/** On this thread: a build has nothing else to do meanwhile. */
const JOBS = {
  run: <Output>(_name: string, input: unknown): Promise<Output> =>
    Promise.resolve(encodeFile(input as EncodeInput) as Output),
};
