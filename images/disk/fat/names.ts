/** File names on FAT (Microsoft, FAT File System Specification 1.03): an 8.3 alias, and a long name beside it. */

export const ENTRY_BYTES = 32;
const LONG_NAME_UNITS_PER_ENTRY = 13;
const LONG_NAME_UNITS_MOST = 255;
const LAST_LONG_ENTRY = 0x40;
const ATTRIBUTE_LONG_NAME = 0x0f;
/** Where the 13 UTF-16 units of one long name entry stand. */
const UNIT_OFFSETS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const;

const SHORT_CHARACTERS = /^[A-Z0-9!#$%&'()\-@^_`{}~]*$/;
const FORBIDDEN = /[\u0000-\u001f"*/:<>?\\|]/;

/** The alias (11 bytes, padded with spaces) of a name, not among those `taken` in its folder. */
export function shortName(name: string, taken: ReadonlySet<string>): string {
  if (name === '' || name.length > LONG_NAME_UNITS_MOST || FORBIDDEN.test(name) || /[. ]$/.test(name)) {
    throw new RangeError(`file name "${name}" is not possible on FAT`);
  }
  const upper = name.toUpperCase();
  const dot = upper.lastIndexOf('.');
  const base = dot > 0 ? upper.slice(0, dot) : upper;
  const extension = dot > 0 ? upper.slice(dot + 1) : '';
  const simple = SHORT_CHARACTERS.test(base) && SHORT_CHARACTERS.test(extension);
  if (simple && base.length <= 8 && extension.length <= 3) {
    const alias = base.padEnd(8) + extension.padEnd(3);
    if (!taken.has(alias)) return alias;
  }
  return numberedName(base, extension, taken);
}

const NUMBERED_MOST = 9999;

/** Windows' scheme: LONGNA~1.TXT, then ~2 and so on. */
function numberedName(base: string, extension: string, taken: ReadonlySet<string>): string {
  const cleanBase = base.replace(/[^A-Z0-9_-]/g, '') || '_';
  const cleanExtension = extension.replace(/[^A-Z0-9_-]/g, '').slice(0, 3);
  for (let number = 1; number <= NUMBERED_MOST; number++) {
    const tail = `~${number}`;
    const alias = (cleanBase.slice(0, 8 - tail.length) + tail).padEnd(8) + cleanExtension.padEnd(3);
    if (!taken.has(alias)) return alias;
  }
  throw new RangeError(`more than ${NUMBERED_MOST} names like "${base}" in one folder`);
}

/** Does the alias alone give this name back? */
export function needsLongName(name: string, alias: string): boolean {
  const base = alias.slice(0, 8).trimEnd();
  const extension = alias.slice(8).trimEnd();
  return name !== (extension === '' ? base : `${base}.${extension}`);
}

/** The directory entries of a long name, in the order in which they stand before the alias' entry. */
export function encodeLongName(name: string, alias: string): Uint8Array {
  const count = Math.ceil(name.length / LONG_NAME_UNITS_PER_ENTRY);
  const bytes = new Uint8Array(count * ENTRY_BYTES);
  const checksum = aliasChecksum(alias);
  for (let index = 0; index < count; index++) {
    const ordinal = count - index;
    const entry = bytes.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES);
    entry[0] = ordinal | (index === 0 ? LAST_LONG_ENTRY : 0);
    entry[11] = ATTRIBUTE_LONG_NAME;
    entry[13] = checksum;
    writeUnits(entry, name, (ordinal - 1) * LONG_NAME_UNITS_PER_ENTRY);
  }
  return bytes;
}

/** One null ends a name that does not fill its entries; 0xFFFF fills the rest. */
function writeUnits(entry: Uint8Array, name: string, from: number): void {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  UNIT_OFFSETS.forEach((offset, index) => {
    const at = from + index;
    const unit = at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff;
    view.setUint16(offset, unit, true);
  });
}

function aliasChecksum(alias: string): number {
  let sum = 0;
  for (let index = 0; index < alias.length; index++) {
    sum = ((sum & 1 ? 0x80 : 0) + (sum >>> 1) + alias.charCodeAt(index)) & 0xff;
  }
  return sum;
}
