import { concatBytes, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';

/**
 * GRUB's environment block (GRUB manual 2.12, "The GRUB environment block"): 1024 bytes that GRUB rewrites in place,
 * so it can neither grow nor move. Lines `name=value` after a signature, the rest filled with `#`.
 */
export const BLOCK_BYTES = 1024;
const SIGNATURE = '# GRUB Environment Block\n';
const NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_]*$/;

export type EnvironmentFault =
  | { readonly kind: 'wrong-size'; readonly bytes: number }
  | { readonly kind: 'no-signature' }
  | { readonly kind: 'malformed-line'; readonly line: string };

export function decodeEnvironment(block: Uint8Array): Result<ReadonlyMap<string, string>, EnvironmentFault> {
  if (block.length !== BLOCK_BYTES) return err({ kind: 'wrong-size', bytes: block.length });
  const text = decodeUtf8(block);
  if (!text.startsWith(SIGNATURE)) return err({ kind: 'no-signature' });
  const variables = new Map<string, string>();
  for (const line of splitLines(text.slice(SIGNATURE.length))) {
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    const name = line.slice(0, Math.max(equals, 0));
    if (!NAME_PATTERN.test(name)) return err({ kind: 'malformed-line', line });
    variables.set(name, line.slice(equals + 1).replaceAll(/\\([\\\n])/g, '$1'));
  }
  return ok(variables);
}

/** Lines end at a line feed that no backslash protects (GRUB lib/envblk.c). */
function splitLines(text: string): string[] {
  return text.match(/(?:\\[^]|[^\\\n])+/g) ?? [];
}

/** Throws a RangeError where the variables do not fit or a name is not possible: both are for the caller to prevent. */
export function encodeEnvironment(variables: ReadonlyMap<string, string>): Uint8Array {
  const lines = [...variables].map(([name, value]) => {
    if (!NAME_PATTERN.test(name)) throw new RangeError(`"${name}" is no name for a GRUB variable`);
    return `${name}=${value.replaceAll(/[\\\n]/g, '\\$&')}\n`;
  });
  const text = encodeUtf8(SIGNATURE + lines.join(''));
  if (text.length > BLOCK_BYTES)
    throw new RangeError(`boot state of ${text.length} bytes: ${BLOCK_BYTES} at most`);
  return concatBytes([text, encodeUtf8('#'.repeat(BLOCK_BYTES - text.length))]);
}
