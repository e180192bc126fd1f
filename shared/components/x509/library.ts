/** @peculiar/x509, loaded only where something is made: it takes a quarter of a second, and most starts have all they need. */
export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('./reflect-metadata.ts');
  return (await import('./peculiar.ts')).x509;
}
