import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StatusReport } from '../status/report.ts';
import { preferredType } from './accepts.ts';
import { formatBytes, formatDuration } from './format.ts';
import { renderPage } from './frame.ts';
import { html } from './html.ts';
import { logsPage, strangerPage, welcomePage } from './other-pages.ts';
import { statusPage } from './status-page.ts';

const NASTY = `<script>alert("x")</script>&'`;

function report(change: Partial<StatusReport> = {}): StatusReport {
  return {
    service: NASTY,
    state: 'degraded',
    timeMs: 1_790_000_000_000,
    reasons: [{ key: 'k', reason: NASTY, sinceMs: 0 }],
    configurationFaults: [NASTY],
    configurationOrigin: NASTY,
    urls: [`https://example.org/"onclick="x`],
    sections: [{ title: NASTY, rows: [[NASTY, NASTY]] }],
    machine: {
      hostname: NASTY,
      addresses: [NASTY],
      uptimeSeconds: 1,
      kernel: NASTY,
      runtime: NASTY,
      memory: { totalBytes: 100, availableBytes: 10 },
      tasks: [{ id: 1, seccomp: 2, capabilities: NASTY }],
      execve: 'EPERM',
      faults: [NASTY],
      boot: { slot: NASTY, version: NASTY, lastFault: NASTY },
    },
    disk: { freeBytes: 1, totalBytes: 100, daysUntilFull: 3.5 },
    log: [{ timeMs: 0, level: 'info', message: NASTY, fields: { [NASTY]: NASTY } }],
    nextSteps: [{ title: NASTY, how: `\`${NASTY}\`` }],
    fingerprint: 'ab'.repeat(32),
    operators: [NASTY],
    ...change,
  };
}

describe('pages', () => {
  it('escape everything that comes from elsewhere', () => {
    const pages = [
      statusPage(report()),
      strangerPage(NASTY, { hasOperators: true, hint: NASTY }),
      welcomePage(NASTY),
      logsPage(NASTY, report().log),
    ];
    for (const page of pages) {
      const text = renderPage(page, 'nonce');
      expect(text).not.toContain('<script>alert');
      expect(text).not.toContain('"onclick=');
      expect(text).toContain('&lt;script&gt;');
      expect(text.match(/<script/g)?.length ?? 0).toBe(page.script === undefined ? 0 : 1);
    }
  });

  it('escape any text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(html`<p title="${text}">${text}</p>`.html.slice(3, -4).replace(/^ title="/, '')).not.toMatch(
          /[<'].*</,
        );
      }),
    );
  });

  it('say what is wrong first, and how full things are', () => {
    const page = renderPage(statusPage(report({ configurationFaults: [] })), 'nonce');
    expect(page).toMatch(/<h1>[^]*One thing is wrong[^]*<\/h1>[^]*Resources/);
    expect(page).toContain('full in 3 days');
    expect(page).toContain('Memory: 90 % used');
    expect(
      renderPage(statusPage(report({ state: 'ready', configurationFaults: [], reasons: [] })), 'n'),
    ).toContain('All is well');
  });
});

describe('preferredType() (RFC 9110 §12.5.1)', () => {
  it.each([
    [undefined, 'text/html'],
    ['*/*', 'text/html'],
    ['application/json', 'application/json'],
    ['application/json;q=0.5, text/html;q=0.4', 'application/json'],
    ['text/*;q=0.1, application/json;q=0', 'text/html'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['image/png', 'text/html'],
  ])('takes %s for %s', (accept, type) => {
    expect(preferredType(accept, ['text/html', 'application/json'])).toBe(type);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), text => void preferredType(text, ['text/html'])));
  });
});

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [1_499, '1.5 KB'],
    [64_000_000, '64 MB'],
    [2.5e12, '2.5 TB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
  it.each([
    [5, '5 s'],
    [125, '2 min'],
    [7_500, '2 h 5 min'],
    [400_000, '4 days'],
  ])('%d s are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});
