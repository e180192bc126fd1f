import type { RedirectRule } from './redirect-rules.ts';
import type { Validators } from './preconditions.ts';

/** RFC 9110 §8.4.1, RFC 7932 and RFC 8878; `identity` is the file as it is. */
export type Coding = 'br' | 'zstd' | 'gzip' | 'identity';

/** One form of a page's content, ready to be sent: all that does not depend on the request is made once. */
export interface Representation extends Validators {
  readonly coding: Coding;
  /** A view of the release's shared memory. */
  readonly bytes: Uint8Array;
  /** Fields of a 200 answer, and of a 304. The arrays are the same at every answer. */
  readonly fields: readonly string[];
  readonly notModifiedFields: readonly string[];
}

/** What a URL shows. */
export interface Page {
  readonly kind: 'page';
  /** The file behind it, without leading slash; protection of folders looks at this too. */
  readonly path: string;
  readonly mediaType: string;
  /** The smallest first. */
  readonly representations: readonly Representation[];
  /** RFC 8297: fields of a 103 answer, where there is something to hint at. */
  readonly earlyHints?: readonly string[];
}

/** A URL that sends visitors on to the page's canonical one. */
export interface Redirection {
  readonly kind: 'redirection';
  /** The path, encoded; the query of the request is added. */
  readonly location: string;
  /** What is shown where the redirection itself may not be followed: a rewrite names this URL. */
  readonly page?: Page;
}

/**
 * One release of one site under one configuration: plain data without functions, so that it can be cloned to a worker (the
 * content's memory is shared, not copied), and replaced whole.
 */
export interface Site {
  /** By decoded path without the leading slash: '' is the start page, 'docs/' a folder's. */
  readonly routes: ReadonlyMap<string, Page | Redirection>;
  /** By status: the site's own 404.html, 500.html and so on, without what belongs to 200 alone. */
  readonly errorPages: ReadonlyMap<number, Page>;
  /** What a single-page application shows for paths of its own. */
  readonly fallbackPage?: Page;
  readonly redirectRules: readonly RedirectRule[];
  /** Whether any of them goes before what is there. */
  readonly hasForcedRules: boolean;
  /** Folders that not everybody may see, as decoded names: where the answer lies in one, `respond()` says which. */
  readonly lockedFolders: readonly (readonly string[])[];
  /** Sent with answers that no page gives: redirects and refusals. */
  readonly generalFields: readonly string[];
  readonly files: number;
  readonly sizeBytes: number;
}
