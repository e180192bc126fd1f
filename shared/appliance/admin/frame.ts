import { html, type Html } from './html.ts';
import { STYLE } from './style.ts';

export interface Page {
  readonly title: string;
  /** Beside the name in the header. */
  readonly subtitle: string;
  readonly isOperator: boolean;
  readonly body: Html;
  /** Runs with the page's nonce. */
  readonly script?: string;
  readonly footer?: string;
  /** Goes into the head. */
  readonly head?: Html;
}

/** The hearth's flame: the lares were the gods of the hearth. */
const FLAME: Html = html`<svg viewBox="0 0 32 32" aria-hidden="true">
  <path fill="var(--clay)" d="M17 2c1 5 7 8 7 15a8 8 0 0 1-16 0c0-4 2-6 4-8 0 2 1 3 2 4 2-3 3-7 3-11z" />
  <path fill="var(--paper)" d="M16 14c1 3 4 4 4 7a4 4 0 0 1-8 0c0-2 1-3 2-4 0 1 1 1 1 2 1-1 1-3 1-5z" />
  <path fill="none" stroke="var(--clay)" stroke-width="2.5" stroke-linecap="round" d="M5 29h22" />
</svg>`;

/** Browsers would otherwise ask for /favicon.ico. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#c2552f" d="M17 2c1 5 7 8 7 15a8 8 0 0 1-16 0c0-4 2-6 4-8 0 2 1 3 2 4 2-3 3-7 3-11zM5 28h22v2.500H5z"/></svg>',
)}`;

/** Part of a page's script: a page of ours as a document, without its style, which the policy would block with an error on the console. */
export const PARSE_PAGE = `
const parsePage=text=>new DOMParser().parseFromString(text.replace(/<style[^]*?<\\/style>/,''),'text/html');
`;

/** A whole document, with everything it needs inside: no request leaves the appliance. */
export function renderPage(page: Page, nonce: string): string {
  const navigation = page.isOperator
    ? html`<nav>
        <a href="/status">Status</a><a href="/logs">Log</a><a class="extra" href="/metrics">Metrics</a>
      </nav>`
    : undefined;
  const script =
    page.script === undefined
      ? undefined
      : html`<script nonce="${nonce}">
          ${{ html: page.script }};
        </script>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title}</title>
        <link rel="icon" href="${ICON}" />
        ${page.head}
        <style nonce="${nonce}">
          ${{ html: STYLE }}
        </style>
      </head>
      <body>
        <header>
          ${FLAME}<a class="brand" href="/status">Lares</a
          ><span class="what">${page.subtitle}</span>${navigation}
        </header>
        <main>${page.body}</main>
        <footer>${page.footer ?? 'Lares keeps this house.'}</footer>
        ${script}
      </body>
    </html> `.html;
}
