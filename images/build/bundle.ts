import { basename } from 'node:path';
import type { Metafile } from 'esbuild';
import { build } from 'esbuild';
import { repositoryRoot } from '../cli/repository.ts';

export interface Bundle {
  /** By file name: `main.mjs`, and what it loads from beside it. */
  readonly code: ReadonlyMap<string, Uint8Array>;
  /** By file name. Kept outside the image; those of a debug build stand inside its code. */
  readonly sourceMaps: ReadonlyMap<string, Uint8Array>;
  /** The npm packages that went in, as folders from the repository's root, sorted. */
  readonly packageFolders: readonly string[];
}

/** Packages in CommonJS ask for built-in modules by `require`, which an ES module does not have. */
const REQUIRE_BANNER =
  "import{createRequire as laresCreateRequire}from'node:module';const require=laresCreateRequire(import.meta.url);";

/**
 * The service and everything it needs from npm as ES modules for the pinned Node. What is imported by `import()` is in files of its own, so
 * that each thread reads and holds what it needs alone: a worker of one file with everything took 38 MB, of its own files 13.
 */
export async function bundleService(entry: string, debug: boolean): Promise<Bundle> {
  const result = await build({
    // Paths in the output are relative to here, so that the folder of the checkout does not get in.
    absWorkingDir: repositoryRoot,
    entryPoints: { main: entry },
    outdir: '.',
    outExtension: { '.js': '.mjs' },
    chunkNames: '[name]-[hash]',
    write: false,
    bundle: true,
    // Whoever debugs finds every line in one script.
    splitting: !debug,
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
  const files = result.outputFiles.map(({ path, contents }) => [basename(path), contents] as const);
  return {
    code: new Map(files.filter(([name]) => name.endsWith('.mjs'))),
    sourceMaps: new Map(files.filter(([name]) => name.endsWith('.map'))),
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
