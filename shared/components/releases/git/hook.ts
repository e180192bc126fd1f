import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { encodeUtf8 } from '../../../base/bytes.ts';

/** What a git host sends when somebody pushed: header fields in lower case, and the content as it came. */
export interface HookCall {
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly content: Uint8Array;
}

/**
 * Whether the call is from whoever knows `secret`: by HMAC over the content (GitHub, Gitea, Forgejo), or by the secret itself
 * (GitLab). A call that is sent again makes one more look at the remote, and nothing else.
 */
export function isGenuine({ fields, content }: HookCall, secret: string): boolean {
  const given = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' ? value : undefined;
  };
  const token = given('x-gitlab-token');
  if (token !== undefined) return equalSecrets(token, secret);
  const signature =
    given('x-hub-signature-256')?.replace(/^sha256=/, '') ??
    given('x-forgejo-signature') ??
    given('x-gitea-signature');
  if (signature === undefined) return false;
  return equalSecrets(signature.toLowerCase(), createHmac('sha256', secret).update(content).digest('hex'));
}

/** Over hashes, so that neither content nor length is told by the time it takes. */
function equalSecrets(left: string, right: string): boolean {
  const digest = (text: string): Uint8Array => createHash('sha256').update(encodeUtf8(text)).digest();
  return timingSafeEqual(digest(left), digest(right));
}
