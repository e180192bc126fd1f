/** Implementation constants of the DNS service: what bounds it, and why that much. */

/** RFC 7766 §6.2.3: "a few seconds"; resolvers that want to ask more come back in one round trip. */
export const STREAM_IDLE_MAX_MS = 10_000;

/** Messages of one connection that are being answered; more wait unread. Resolvers have that many under way at most. */
export const STREAM_REQUESTS_MAX = 32;

/** Transfers that run at one time: each holds a version of its zone. Secondaries that are put off come again. */
export const TRANSFERS_MAX = 64;

/** What one transfer to us may have: above the largest zone that fits a machine of this kind. */
export const TRANSFER_BYTES_MAX = 1024 * 1024 * 1024;

/** A primary that sends no whole message for so long has stopped. */
export const TRANSFER_STALL_MS = 30_000;

/** However far the next time is, it is looked at the wall clock as often: it may have jumped. */
export const TIMER_MAX_MS = 3_600_000;

/** Updates that wait for being durable; those beyond are told to come again. */
export const UPDATES_WAITING_MAX = 256;

/** RFC 1996 §3.6: the interval is a minute, and five times are enough: a secondary also asks by itself. */
export const NOTIFY_RETRY_MS = 60_000;
export const NOTIFY_ATTEMPTS_MAX = 5;

/** How often idle connections are looked at: precise enough for a limit of ten seconds. */
export const SWEEP_INTERVAL_MS = 1_000;

/** What answers on their way get to leave when the service stops. */
export const LAST_BYTES_MS = 250;

/** Clocks of validators may be behind ours: signatures begin in the past. */
export const INCEPTION_BEFORE_SECONDS = 3_600;

/** Signatures are renewed when a third of their time is left, so that a fault may last for days before anything breaks. */
export const RENEW_WHEN_LEFT = 1 / 3;

/** Those that end soon after the first to be renewed are renewed with it: a new serial is good for a quarter of a day's. */
export const RENEW_TOGETHER_SECONDS = 6 * 3_600;

/** How much earlier than the last the first of signatures made together ends, as a part of their time. */
export const JITTER = 1 / 8;

/** How often it is looked whether signatures are to be renewed. By the wall clock, which may have jumped meanwhile. */
export const RENEWAL_CHECK_MS = 600_000;

/** After so long the planes get another secret for cookies, and take those of the one before. RFC 9018 §5 says weekly or oftener. */
export const COOKIE_SECRET_MAX_MS = 24 * 3_600_000;

/** Of responses of one kind to one network that are above the rate, every second one goes out truncated, as in NSD and Knot. */
export const RATE_SLIP = 2;

/** How often what the planes counted is taken over into the metrics: they are looked at four times a minute at most. */
export const COUNT_INTERVAL_MS = 15_000;

/** The text of all files in the zone folder. They are read whole; a zone of a million records has some 60 MB. */
export const ZONE_FOLDER_MAX_BYTES = 512 * 1024 * 1024;
