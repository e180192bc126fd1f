/** Implementation constants of content releases: what bounds them, and why that much. */

/** A large site has some thousands of files; each costs an entry in the index of whoever serves it. */
export const FILES_MAX = 20_000;

/** In bytes of UTF-8, as file systems count: what is served was a file somewhere, and shall be able to become one again. */
export const NAME_MAX_BYTES = 255;
export const PATH_MAX_BYTES = 1_000;

/** Faults told at one time: a person mends these and pushes again. */
export const FAULTS_TOLD_MAX = 20;

/** Releases kept to go back to, the one shown among them. */
export const RELEASES_KEPT = 10;

/** Steps back that are remembered: more than there are releases, since one may be shown again and again. */
export const SHOWN_KEPT = 50;

/** All kept releases together take at most this many times what one may have. */
export const STORE_SIZE_FACTOR = 4;

/** Left free for certificates, keys and logs: a release must not take the room that these need. */
export const SPACE_RESERVE_BYTES = 16 * 1024 * 1024;
/** Of a small volume so large a part is left free instead. */
export const SPACE_RESERVE_SHARE = 0.1;

/** An archive's own bytes for each file, with room: two tar blocks and one of padding, or the headers and names of zip. */
export const ARCHIVE_OVERHEAD_PER_FILE_BYTES = 2_048;

/** Names told in the summary of what a release changed. */
export const CHANGES_TOLD_MAX = 20;
