import { factsOf, type Issued } from './issued.ts';
import { coversName } from './names.ts';
import type { CertificateStore } from './store.ts';
import type { TrueTime } from './true-time.ts';

/** Certificates that were issued for other sets of names than are wanted now: shown until the new ones are there. */
export interface FormerCertificates {
  /** One that stands for the name and is valid now. */
  find(serverName: string): Issued | undefined;
}

/** An owner who tries things out leaves a few behind; the newest are kept. Never by the clock, which may be wrong at a start. */
const KEPT_MAX = 16;

export async function openFormer(
  store: CertificateStore,
  wantedIds: readonly string[],
  time: Pick<TrueTime, 'now'>,
): Promise<FormerCertificates> {
  const found: Former[] = [];
  for (const id of await store.listIssued()) {
    const issued = wantedIds.includes(id) ? undefined : await store.issued(id).load();
    if (issued !== undefined) found.push({ id, issued, ...factsOf(issued) });
  }
  const newestFirst = found.toSorted((left, right) => right.notBeforeMs - left.notBeforeMs);
  for (const { id } of newestFirst.slice(KEPT_MAX)) await forget(store, id);
  const kept = newestFirst.slice(0, KEPT_MAX);
  return {
    find(serverName) {
      const nowMs = time.now();
      const fits = kept.find(
        ({ issued, notBeforeMs, notAfterMs }) =>
          notBeforeMs <= nowMs && nowMs < notAfterMs && coversName(issued.names, serverName),
      );
      return fits?.issued;
    },
  };
}

interface Former {
  readonly id: string;
  readonly issued: Issued;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

async function forget(store: CertificateStore, id: string): Promise<void> {
  await store.issued(id).clear();
  await store.renewal(id).clear();
}
