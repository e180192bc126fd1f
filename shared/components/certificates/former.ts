import type { Clock } from '../../devices/clock.ts';
import { factsOf, type Issued } from './issued.ts';
import { coversName } from './names.ts';
import type { CertificateStore } from './store.ts';

/** Certificates that were issued for other sets of names than are wanted now: shown until the new ones are there. */
export interface FormerCertificates {
  /** One that stands for the name and is valid now. */
  find(serverName: string): Issued | undefined;
}

/** What nobody could use for so long is forgotten. */
const KEPT_AFTER_END_MS = 30 * 86_400_000;

export async function openFormer(
  store: CertificateStore,
  { clock }: { readonly clock: Pick<Clock, 'now'> },
): Promise<FormerCertificates> {
  const kept: { readonly issued: Issued; readonly notBeforeMs: number; readonly notAfterMs: number }[] = [];
  for (const id of await store.listIssued()) {
    const issued = await store.issued(id).load();
    if (issued === undefined) continue;
    const facts = factsOf(issued);
    if (clock.now() - facts.notAfterMs <= KEPT_AFTER_END_MS) kept.push({ issued, ...facts });
    else await forget(store, id);
  }
  return {
    find(serverName) {
      const nowMs = clock.now();
      const fits = kept.find(
        ({ issued, notBeforeMs, notAfterMs }) =>
          notBeforeMs <= nowMs && nowMs < notAfterMs && coversName(issued.names, serverName),
      );
      return fits?.issued;
    },
  };
}

async function forget(store: CertificateStore, id: string): Promise<void> {
  await store.issued(id).clear();
  await store.renewal(id).clear();
}
