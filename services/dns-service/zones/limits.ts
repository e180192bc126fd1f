/** Implementation constants of the kept zones. */

/**
 * Between two versions of a zone at least. What comes meanwhile becomes one version. With it, a serial of a snapshot tells how far later ones
 * may have gone: see `serialAtStart`. 20 ms are a good flash's time for a sync, and keep serials good for 497 days of standing still.
 */
export const VERSION_INTERVAL_MS = 20;

/** Changes that wait for the next version: more come from somebody who does not wait for answers. */
export const CHANGES_WAITING_MAX = 1_000;

/** A journal that is larger than this and than twice what it would be written anew is written anew: it is read at each start. */
export const JOURNAL_COMPACT_BYTES = 1024 * 1024;

/** Versions that secondaries may follow by differences: one that was away for longer fetches the zone whole. */
export const VERSIONS_KEPT_MAX = 100;

/** And of their differences together, so that they do not cost more than a transfer would (RFC 1995 §5); small zones get this many. */
export const DIFFERENCE_RRSETS_MIN = 1_000;

/** RRsets in one record of a journal: a large zone is written and read in pieces. */
export const RECORD_RRSETS_MAX = 4_096;

/** Compiling takes the main thread at most one part in so many. */
export const COMPILE_SHARE = 5;

/** RFC 7583's Dsgn: a version has its signatures when it is served, and a large zone takes some seconds to be signed. */
export const SIGNING_SECONDS = 60;

/** RFC 7583's DprpP: all servers of the parent were asked, but behind one address there may be several. */
export const PARENT_PROPAGATION_SECONDS = 3_600;

/** TTLds where no DS was seen yet: no parent is known to have a longer one. */
export const DS_TTL_DEFAULT_SECONDS = 86_400;

/** The parent is asked so often while a roll waits for it, as CDS are read daily or oftener (RFC 7344 §6.1). */
export const PARENT_LOOK_WAITING_MS = 600_000;

/** Whom a parent names to be told of new CDS records (RFC 9859); it decides whom we send to, so that they are few. */
export const PARENT_TARGETS_MAX = 4;

/** And so often otherwise: DS records that somebody changed make the zone bogus, and the owner is told. */
export const PARENT_LOOK_MS = 6 * 3_600_000;

/** A fresh key whose tag another has is made anew (RFC 4034 appendix B: tags need not differ, but are easier to tell apart so). */
export const KEY_ATTEMPTS_MAX = 100;

/** How long a signature holds that is made while answering: short, as what is denied today may be there tomorrow. */
export const ONLINE_HOLD_SECONDS = 86_400;

/** Such a signature is given again for so long, a small part of its time. */
export const ONLINE_REUSE_MS = 3_600_000;

/** Signatures made while answering that are kept: names that many resolvers ask for. Some 4 MB. */
export const ONLINE_KEPT_MAX = 4_096;

/** Zones whose parent is asked at one time. */
export const LOOKS_AT_ONCE = 4;

/** How often it is looked whether a roll may go on: the times that one waits for are hours and days. */
export const ROLL_CHECK_MS = 3_600_000;

/** The main thread works on one large zone for so long before it looks at what else there is. */
export const SLICE_MS = 20;
