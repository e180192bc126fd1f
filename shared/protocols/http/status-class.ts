import type { StatusClass } from '../../devices/http-exchange.ts';

const CLASSES: readonly StatusClass[] = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** RFC 9110 §15: one of a few, whatever number a backend has given. */
export function statusClassOf(status: number): StatusClass {
  return CLASSES[Math.floor(status / 100)] ?? 'other';
}
