import type { Metafile } from 'esbuild';
import { build } from 'esbuild';
import { repositoryRoot } from '../cli/repository.ts';

export interface Bundle {
  readonly code: Uint8Array;
  /** Kept outside the image; for a debug build it stands inside the code too. */
  readonly sourceMap: Uint8Array;
  /** The npm packages that went in, as folders from the repository's root, sorted. */
  readonly packageFolders: readonly string[];
}

/** Packages in CommonJS ask for built-in modules by `require`, which an ES module does not have. */
const REQUIRE_BANNER =
  "import{createRequire as laresCreateRequire}from'node:module';const require=laresCreateRequire(import.meta.url);";

/** The service and everything it needs from npm in one ES module for the pinned Node. */
export async function bundleService(entry: string, debug: boolean): Promise<Bundle> {
  const result = await build({
    // Paths in the output are relative to here, so that the folder of the checkout does not get in.
    absWorkingDir: repositoryRoot,
    entryPoints: [entry],
    outfile: 'main.mjs',
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    charset: 'utf8',
    banner: { js: REQUIRE_BANNER },
    minify: !debug,
    keepNames: true,
    legalComments: 'none',
    sourcemap: debug ? 'inline' : 'external',
    sourcesContent: debug,
    metafile: true,
    logLevel: 'silent',
    // tsconfig files that a folder above the checkout may hold must not change the result.
    tsconfigRaw: { compilerOptions: { target: 'esnext', verbatimModuleSyntax: true } },
  });
  const code = result.outputFiles.find(output => output.path.endsWith('.mjs'));
  const map = result.outputFiles.find(output => output.path.endsWith('.map'));
  if (code === undefined) throw new Error(`esbuild made no bundle of ${entry}`);
  return {
    code: code.contents,
    sourceMap: map?.contents ?? new Uint8Array(),
    packageFolders: packageFolders(result.metafile),
  };
}

/** Only inputs that left bytes in the bundle count: the rest was shaken off. */
export function packageFolders(metafile: Metafile): string[] {
  const used = Object.values(metafile.outputs).flatMap(output =>
    Object.entries(output.inputs).flatMap(([path, input]) => (input.bytesInOutput > 0 ? [path] : [])),
  );
  const folders = used.flatMap(path => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].toSorted();
}
