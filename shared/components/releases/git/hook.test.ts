import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../base/bytes.ts';
import { isGenuine } from './hook.ts';

const content = encodeUtf8('{"ref":"refs/heads/main"}');
const secret = 'It is a Secret to Everybody';
const signature = createHmac('sha256', secret).update(content).digest('hex');

describe('isGenuine()', () => {
  it('knows the example of GitHub’s documentation', () => {
    const call = {
      fields: {
        'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      },
      content: encodeUtf8('Hello, World!'),
    };
    expect(isGenuine(call, "It's a Secret to Everybody")).toBe(true);
  });

  it.each([
    ['GitHub', { 'x-hub-signature-256': `sha256=${signature}` }, true],
    ['Forgejo', { 'x-forgejo-signature': signature }, true],
    ['Gitea', { 'x-gitea-signature': signature.toUpperCase() }, true],
    ['GitLab', { 'x-gitlab-token': secret }, true],
    ['a signature that is cut short', { 'x-hub-signature-256': `sha256=${signature.slice(0, -2)}` }, false],
    ['a signature of something else', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }, false],
    ['another token', { 'x-gitlab-token': `${secret}!` }, false],
    ['an empty signature', { 'x-hub-signature-256': '' }, false],
    ['two signatures', { 'x-hub-signature-256': [signature, signature] }, false],
    ['nothing', {}, false],
  ])('%s: %j is %j', (_, fields, genuine) => {
    expect(isGenuine({ fields, content }, secret)).toBe(genuine);
  });
});
