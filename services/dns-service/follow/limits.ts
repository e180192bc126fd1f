/** How often the machine's own addresses are looked at: costs nothing, and leaves most of a minute to whoever has the old one. */
export const INTERFACE_INTERVAL_MS = 10_000;

/** Reports of one network, with a right password or a wrong one: a line that changes oftener is broken, and a password of 128 bits stays safe. */
export const REPORTS = { burst: 30, perMinute: 6 } as const;

/** Connections by plain HTTP, in all and of one network: a router opens one for a moment. */
export const PLAIN_CONNECTIONS_MAX = 100;
export const PLAIN_CONNECTIONS_PER_NETWORK_MAX = 10;
