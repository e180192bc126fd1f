const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Beyond this, numbers do not fit the field: 32 bits. */
const SECONDS_MAX = 0xffff_ffff;

/** Seconds as a plain number or in BIND's units, as in `1w2d` or `1h30m`; undefined where `text` is neither or above 32 bits. */
export function parseSeconds(text: string): number | undefined {
  // Most are plain, and zones have a million of them.
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  if (!/^([0-9]+|([0-9]+[smhdw])+)$/i.test(text)) return undefined;
  let total = 0;
  for (const [, digits, unit = 's'] of text.matchAll(/([0-9]+)([smhdw])?/gi))
    total += Number(digits) * (UNIT_SECONDS[unit.toLowerCase()] as number);
  return total <= SECONDS_MAX ? total : undefined;
}
