import { formatContentFault, type ContentFault } from '../../base/content-fault.ts';
import type { Result } from '../../base/result.ts';

/** One file of a release. Paths are relative, `/`-separated, NFC, without parts that begin with a dot (`.well-known` at the top excepted). */
export interface ReleaseFile {
  readonly path: string;
  /** A view of the one SharedArrayBuffer that holds the whole release; baked-in files have buffers of their own. */
  readonly bytes: Uint8Array;
  readonly modifiedMs?: number;
}

/** What is known of a release without its files. */
export interface Release {
  /** {@link BAKED_IN} or a number that grows with every release put. */
  readonly id: number;
  /** Where it came from, for people: 'baked in', 'pushed by anna', 'git 1a2b3c4'. */
  readonly source: string;
  readonly timeMs: number;
  readonly files: number;
  readonly sizeBytes: number;
}

/** The content of the image itself: always there. */
export const BAKED_IN = 0;

/**
 * What whoever shows the content gives: checks the files and prepares all that takes time, and gives back the switch: one
 * call that cannot fail, made when the release is durable. Until then the old one is shown.
 */
export type Stage = (
  files: readonly ReleaseFile[],
  release: Release,
) => Promise<Result<() => void, readonly ContentFault[]>>;

export type RefusalKind =
  /** The content is wrong; it has to be changed. */
  | 'faulty'
  | 'too-large'
  /** The data volume is full. */
  | 'no-space'
  /** Another release is on its way in. */
  | 'busy'
  | 'not-found'
  /** The data volume gave back other bytes than were stored. */
  | 'damaged';

/** Why the old release stays. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly faults: readonly ContentFault[];
}

/** Thrown inside a stream of incoming files; becomes a {@link Refusal}. */
export class ContentRefused extends Error implements Refusal {
  override name = 'ContentRefused';
  readonly kind: RefusalKind;
  readonly faults: readonly ContentFault[];

  constructor(kind: RefusalKind, faults: readonly ContentFault[], options?: { cause?: unknown }) {
    super(faults.map(formatContentFault).join('\n'), options);
    this.kind = kind;
    this.faults = faults;
  }
}
