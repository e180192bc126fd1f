export interface Import {
  readonly specifier: string;
  /** Counted from 1. */
  readonly line: number;
}

// Static imports and re-exports (also over several lines), bare imports, dynamic imports and import types.
const PATTERNS = [
  /^[ \t]*(?:import|export)\b[^'";()]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^[ \t]*import\s*['"]([^'"]+)['"]/gm,
  /\b(?:import|require)\(\s*['"]([^'"]+)['"]/g,
];

/** Every module that a TypeScript text names, types included: a layer is crossed by a type as by a value. */
export function findImports(text: string): Import[] {
  const code = blankComments(text);
  return PATTERNS.flatMap(pattern =>
    [...code.matchAll(pattern)].map(match => ({
      specifier: match[1] ?? '',
      line: code.slice(0, match.index + match[0].length).split('\n').length,
    })),
  );
}

// Newlines stay, so that line numbers do.
function blankComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm, comment => comment.replace(/[^\n]/g, ' '));
}
