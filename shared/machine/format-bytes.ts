const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** '64 MiB', '1.5 GiB': at most one decimal. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Math.round((bytes / 1024 ** step) * 10) / 10} ${UNITS[step]}`;
}
