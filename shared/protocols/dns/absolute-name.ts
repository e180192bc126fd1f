import { err, ok, type Result } from '../../base/result.ts';
import { formatName, nameBytes, NAME_MAX_BYTES, parseName, type Name } from './name.ts';

/** A name as master files have it: RFC 1035 §5.1. `@` is the origin, and a name without a final dot stands below it. */
export function parseNameAt(text: string, origin: Name): Result<Name, string> {
  if (text === '@') return ok(origin);
  if (text === '') return err('an empty name; the origin is @ and the root is .');
  const parsed = parseName(text);
  if (!parsed.ok || endsWithDot(text)) return parsed;
  const name = [...parsed.value, ...origin];
  return nameBytes(name) <= NAME_MAX_BYTES
    ? ok(name)
    : err(`below ${formatAbsoluteName(origin)} the name is longer than ${NAME_MAX_BYTES} bytes`);
}

/** Presentation form with the final dot, so that it means the same under every origin. */
export function formatAbsoluteName(name: Name): string {
  return name.length === 0 ? '.' : `${formatName(name)}.`;
}

/** Whether the last dot ends a label, and is not escaped: each two backslashes are one in the label. */
function endsWithDot(text: string): boolean {
  const backslashes = /(\\*)\.$/.exec(text)?.[1]?.length;
  return backslashes !== undefined && backslashes % 2 === 0;
}
