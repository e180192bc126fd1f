/** Implementation constants of the proxy: what bounds it, and why that much. */

/** A machine on the same network answers in milliseconds; one that is switched off does not answer at all. */
export const CONNECT_MAX_MS = 3_000;

/**
 * A backend that says nothing for this long, before or within its answer, is given up. Long polls and event streams
 * send a sign of life every minute or oftener.
 */
export const SILENCE_MAX_MS = 120_000;

/** A WebSocket may be quiet for as long as nothing happens; TCP keep-alive finds peers that are gone. */
export const TUNNEL_IDLE_MAX_MS = 3_600_000;
export const KEEP_ALIVE_PROBE_MS = 60_000;

/**
 * A connection to the backend that was idle for longer is closed, not used again. Node's own servers, the shortest-lived
 * in common use, close theirs after five seconds.
 */
export const IDLE_CONNECTION_MAX_MS = 4_000;

/** Idle connections kept for the next requests: what one visitor's browser asks for at one time. */
export const IDLE_CONNECTIONS_MAX = 16;

/** Exchanges with one backend at one time: a home server is busy with a tenth of them, the rest are long polls. */
export const EXCHANGES_MAX = 256;

/** Of these one network's share, so that no stranger takes them all by waiting. */
export const EXCHANGES_PER_SHARE_MAX = 64;

/** Requests that wait for a place, in all and of one share; each has at most one head and {@link COLLECT_MAX_BYTES}. */
export const WAITING_MAX = 256;
export const WAITING_PER_SHARE_MAX = 64;

/** Who waited this long gets 503: a person has pressed reload by then. */
export const WAIT_MAX_MS = 10_000;

/** WebSockets at one time, in all and of one share. A page opens one or two and a household has a few pages open. */
export const TUNNELS_MAX = 256;
export const TUNNELS_PER_SHARE_MAX = 64;

/**
 * So much of a request's content is taken in before the backend hears of it: forms and calls come whole, so that a sender who
 * trickles costs the backend nothing.
 */
export const COLLECT_MAX_BYTES = 64 * 1024;

/** All that is being taken in for one backend together; beyond it requests are passed on as they come. */
export const COLLECT_TOTAL_MAX_BYTES = 8 * 1024 * 1024;

/** Content of at most {@link COLLECT_MAX_BYTES} that takes longer comes from nobody who wants an answer. */
export const COLLECT_MAX_MS = 30_000;

/**
 * An exchange that waits for its client and moves less than this a second runs into debt; see {@link DEBT_MAX_MS}. As for connections:
 * whoever is slow on purpose has to move 4 MB/s to hold every place.
 */
export const SLOW_BYTES_PER_SECOND = 16 * 1024;

/** With this much debt an exchange makes room, if another waits for its place. Tunnels and mobile networks have gaps. */
export const DEBT_MAX_MS = 10_000;

/** How often exchanges are looked at for debt. */
export const SWEEP_INTERVAL_MS = 1_000;

/** The head of a backend's answer: content security policies and cookies of large applications have a few KiB. */
export const ANSWER_HEAD_MAX_BYTES = 64 * 1024;

/** RFC 9110 §10.1.1: a client need not wait for 100 for ever, and a backend need not send it; after this we say it. */
export const CONTINUE_AFTER_MS = 1_000;

/** While a backend is down it is tried this often, so that its recovery is noticed without visitors. */
export const PROBE_INTERVAL_MS = 10_000;

/** A request that has come through here so often runs in a circle; some cross one machine twice with reason. */
export const VIA_HOPS_MAX = 5;

/** A client's connection may be as silent as the backend, and a little longer, so that its 504 still arrives. */
export const CLIENT_SILENCE_MAX_MS = SILENCE_MAX_MS + 10_000;

/** When one side of a WebSocket has ended, the other one gets this long: closing handshakes take a round trip. */
export const HALF_CLOSED_MAX_MS = 30_000;
