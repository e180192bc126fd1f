import { LABEL_MAX_BYTES, NAME_MAX_BYTES, lowerByte, nameBytes, type Name } from '../name.ts';

/** The name right behind `name` in canonical order: RFC 4471 §3.1.2, absolute method. No name fits between; the last is the apex. */
export function nameSuccessor(name: Name, apex: Name): Name {
  // The first name below it is the one with a single zero byte in front.
  const first = [Uint8Array.of(0), ...name];
  return nameBytes(first) <= NAME_MAX_BYTES ? first : behindSubtree(name, apex);
}

/** The first name behind `name` and all that is below it. */
function behindSubtree(name: Name, apex: Name): Name {
  const [label, ...parent] = name;
  if (label === undefined || name.length <= apex.length) return apex;
  // A zero byte more is the next label beside it; where there is no room for it, the last byte is raised.
  if (label.length < LABEL_MAX_BYTES && nameBytes(name) < NAME_MAX_BYTES)
    return [Uint8Array.of(...label, 0), ...parent];
  const raised = raiseLabel(label);
  return raised === undefined ? behindSubtree(parent, apex) : [raised, ...parent];
}

const BEFORE_UPPER_CASE = 0x40;
const AFTER_UPPER_CASE = 0x5b;

function raiseLabel(label: Uint8Array): Uint8Array | undefined {
  let { length } = label;
  // 0xff cannot be raised: the label that follows is a shorter one.
  while (length > 0 && label[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const raised = label.slice(0, length);
  // RFC 4343 §3: upper case counts as lower, so what follows `Z` is what follows `z`, and `@` is followed by `[`.
  const last = lowerByte(raised[length - 1] as number);
  raised[length - 1] = last === BEFORE_UPPER_CASE ? AFTER_UPPER_CASE : last + 1;
  return raised;
}
