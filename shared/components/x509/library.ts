/** @peculiar/x509, loaded only where something is made: it takes a quarter of a second, and most starts have all they need. */
export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('./reflect-metadata.ts');
  return (await import('./peculiar.ts')).x509;
}

/** RFC 5280 §4.2.1.6: a DNS name or a numeric address, as it stands in a subjectAltName. */
export function generalName(name: string): { type: 'dns' | 'ip'; value: string } {
  const numeric = name.includes(':') || /^\d+(\.\d+){3}$/.test(name);
  return { type: numeric ? 'ip' : 'dns', value: name };
}
