/** The lines of the console that tools read. Both sides take them from here. Seconds count from the kernel's start. */

export function formatPid1Line(seconds: number): string {
  return `lares: pid 1 after ${seconds.toFixed(2)} s`;
}

export function parsePid1Line(line: string): number | undefined {
  const match = /lares: pid 1 after ([0-9.]+) s/.exec(line);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

export function formatReadyLine(seconds: number, usedMiB: number): string {
  return `lares: ready after ${seconds.toFixed(2)} s, ${Math.round(usedMiB)} MiB used`;
}

export function parseReadyLine(line: string): { seconds: number; usedMiB: number } | undefined {
  const match = /lares: ready after ([0-9.]+) s, ([0-9]+) MiB used/.exec(line);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { seconds: Number(match[1]), usedMiB: Number(match[2]) };
}

/** `sha256` in lower-case hexadecimal, shown as browsers show it. */
export function formatFingerprintLine(sha256: string): string {
  return `lares: fingerprint ${(sha256.toUpperCase().match(/../g) ?? []).join(':')}`;
}

export function parseFingerprintLine(line: string): string | undefined {
  const match = /lares: fingerprint ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})/.exec(line);
  return match?.[1]?.replaceAll(':', '').toLowerCase();
}
