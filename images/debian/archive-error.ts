/** The Debian archive did not give what was asked for, or gave something else than it promised. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** The mirror no longer has the file: Debian removes a version from its mirrors when the next one is published. */
export class GoneError extends ArchiveError {}
