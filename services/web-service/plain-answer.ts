import { encodeUtf8 } from '../../shared/base/bytes.ts';
import type { Certificates } from '../../shared/components/certificates/certificates.ts';
import type { Request, Response } from '../../shared/protocols/http/message.ts';
import { redirectToHttps, type HttpsPlace } from '../../shared/protocols/http/redirect-to-https.ts';

// RFC 8555 §8.3: the well-known path, and a token in the alphabet of base64url.
const CHALLENGE = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]{1,512})$/;

/** The answer to plain HTTP: what an authority asks for while it validates a name; for all else the way to HTTPS. */
export function plainAnswer(
  request: Request,
  certificates: Pick<Certificates, 'keyAuthorizationFor'>,
  place: HttpsPlace,
): Response {
  const token = CHALLENGE.exec(request.target)?.[1];
  const keyAuthorization = token === undefined ? undefined : certificates.keyAuthorizationFor(token);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (keyAuthorization === undefined || !reads) return redirectToHttps(request, place);
  const body = encodeUtf8(keyAuthorization);
  return {
    status: 200,
    // RFC 8555 §8.3 wants no media type; this one is never shown as a page.
    fields: [
      'content-type',
      'application/octet-stream',
      'content-length',
      String(body.length),
      'cache-control',
      'no-store',
    ],
    body: request.method === 'HEAD' ? [] : [body],
  };
}
