import type { OutgoingHttpHeaders } from 'node:http';

/**
 * On every answer. No Strict-Transport-Security: the appliance's certificate is its own, and RFC 6797 §12.1 would then take
 * the owner's way past the browser's warning, for every port of the host.
 */
export function securityHeaders(nonce: string): OutgoingHttpHeaders {
  return {
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'nonce-${nonce}'`,
      `script-src 'nonce-${nonce}'`,
      "connect-src 'self'",
      "img-src 'self' data:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex',
  };
}
