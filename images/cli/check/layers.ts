import { isAbsolute, join, normalize, dirname } from 'node:path/posix';
import { layerRules, type LayerRule } from './layer-rules.ts';
import { findImports } from './imports.ts';

export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Every import of `files` that the layer rules forbid, as `file:line: what (why)`. */
export function checkLayers(files: readonly SourceFile[]): string[] {
  return files.filter(file => !isTest(file.path)).flatMap(checkFile);
}

// A test joins a core to whatever world it is tried in, so the layers bind what is shipped, not its tests.
function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

function checkFile(file: SourceFile): string[] {
  const rule = ruleFor(file.path);
  if (rule === undefined)
    return [`${file.path}: belongs to no layer; add the folder to layer-rules.ts or move the file`];
  return findImports(file.text).flatMap(({ specifier, line }) => {
    const broken = brokenRule(rule, file.path, specifier);
    return broken === undefined ? [] : [`${file.path}:${line}: imports '${specifier}': ${broken}`];
  });
}

/** The rule of the most deeply named folder that holds `path`. */
function ruleFor(path: string): LayerRule | undefined {
  return layerRules
    .filter(rule => path.startsWith(rule.folder))
    .sort((left, right) => right.folder.length - left.folder.length)[0];
}

function brokenRule(rule: LayerRule, importer: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:'))
    return rule.allowsBuiltin(specifier.slice(5)) ? undefined : rule.builtinReason;
  if (!specifier.startsWith('.') && !isAbsolute(specifier))
    return rule.allowsPackage(packageName(specifier)) || isForTests(importer, specifier)
      ? undefined
      : rule.packageReason;
  const target = normalize(join(dirname(importer), specifier));
  if (sameRoom(rule, importer, target)) return undefined;
  return rule.mayImport.some(folder => target.startsWith(folder)) ? undefined : rule.reason;
}

// What several tests of a folder share stands in its `testing/`: bound as its layer is, but it may give out arbitraries.
function isForTests(importer: string, specifier: string): boolean {
  return specifier === 'fast-check' && importer.includes('/testing/');
}

// Services are one layer but many rooms: within the layer, a file may import only its own service's files.
function sameRoom(rule: LayerRule, importer: string, target: string): boolean {
  if (!target.startsWith(rule.folder)) return false;
  if (rule.rooms !== true) return true;
  const room = (path: string): string | undefined => path.slice(rule.folder.length).split('/')[0];
  return room(importer) === room(target);
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
