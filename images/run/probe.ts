import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';

/** A guest under emulation answers a first request in a second or two; a handshake costs it the most. */
const REQUEST_TIMEOUT_MS = 30_000;
const BODY_BYTES_MAX = 1024 * 1024;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One GET from outside. The certificate is not judged: a new appliance signs its own. */
export function fetchFrom(url: string): Promise<Answer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { rejectUnauthorized: false, agent: false, timeout: REQUEST_TIMEOUT_MS },
      response => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          body += part;
          if (body.length > BODY_BYTES_MAX)
            response.destroy(new Error(`${url}: more than ${BODY_BYTES_MAX} bytes`));
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${url}: no answer in ${REQUEST_TIMEOUT_MS / 1000} s`)));
    sent.on('error', reject);
    sent.end();
  });
}

/**
 * What anybody may see of a running web appliance: the start page over HTTPS, the redirect to it, its health. `host` stands
 * as in a URL.
 * @throws Error that names the first of them that is not right
 */
export async function probeWebService(
  port: (guestPort: number) => number,
  host = '127.0.0.1',
): Promise<void> {
  const page = await fetchFrom(`https://${host}:${port(443)}/`);
  const type = page.headers['content-type'] ?? '';
  expectThat(page.status === 200 && type.startsWith('text/html') && page.body !== '', 'the start page', page);
  const redirect = await fetchFrom(`http://${host}:${port(80)}/`);
  const location = redirect.headers.location ?? '';
  expectThat(
    [301, 308].includes(redirect.status) && location.startsWith('https://'),
    'the redirect to HTTPS',
    redirect,
  );
  const health = await fetchFrom(`https://${host}:${port(8443)}/health`);
  expectThat(health.status === 200, 'the health', health);
}

function expectThat(holds: boolean, what: string, answer: Answer): void {
  if (holds) return;
  throw new Error(
    `${what} is not as it should be: status ${answer.status}, ${JSON.stringify(answer.headers)}`,
  );
}
