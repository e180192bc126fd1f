import type { Refusal } from './route.ts';

// RFC 8446 §6, RFC 6066 §3, RFC 7301 §3.2.
const DESCRIPTIONS: Readonly<Record<Exclude<Refusal, 'not-tls'>, number>> = {
  decode_error: 50,
  unrecognized_name: 112,
  no_application_protocol: 120,
};
const RECORD_ALERT = 21;
const LEVEL_FATAL = 2;

/** The record that tells a client why it is refused, in the clear as all before the ServerHello; undefined where it would not understand. */
export function alertFor(refusal: Exclude<Refusal, 'not-tls'>): Uint8Array;
export function alertFor(refusal: Refusal): Uint8Array | undefined;
export function alertFor(refusal: Refusal): Uint8Array | undefined {
  if (refusal === 'not-tls') return undefined;
  // RFC 8446 §5.1: version 0x0303, two bytes of content.
  return Uint8Array.of(RECORD_ALERT, 3, 3, 0, 2, LEVEL_FATAL, DESCRIPTIONS[refusal]);
}
