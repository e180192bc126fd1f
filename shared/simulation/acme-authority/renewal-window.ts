import type { IssuedCertificate, TimeWindow } from './state.ts';

const HOUR_MS = 3_600_000;
const SHORT_MS = 10 * 24 * HOUR_MS;

/** When a certificate should be renewed, as Let's Encrypt suggests it: about a third, for short ones half, before its end. */
export function renewalWindow(certificate: IssuedCertificate): TimeWindow {
  const { movedWindow, revokedMs, notBeforeMs, notAfterMs } = certificate;
  if (movedWindow !== undefined) return movedWindow;
  // RFC 9773 §4.2: a window in the past tells the client to renew at once.
  if (revokedMs !== undefined) return { startMs: revokedMs - HOUR_MS, endMs: revokedMs - HOUR_MS / 2 };
  const lifetimeMs = notAfterMs - notBeforeMs;
  const idealMs = notAfterMs - lifetimeMs / (lifetimeMs < SHORT_MS ? 2 : 3);
  const marginMs = lifetimeMs / 50;
  return { startMs: idealMs - marginMs, endMs: idealMs + marginMs };
}
