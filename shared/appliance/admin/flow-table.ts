import type { Flow } from '../../devices/tcp.ts';
import { networkOf } from '../../protocols/ip/network-of.ts';

/** A household's browsers and tools, with room; each costs about 50 KB once TLS is up. */
export const ADMIN_FLOWS_MAX = 256;
/** Browsers open six at a time, several people may sit behind one address. */
export const ADMIN_FLOWS_PER_NETWORK_MAX = 64;

export interface FlowTable {
  /** Takes the flow in; the oldest stranger's gives way where there is no room. False (and destroyed): no room at all. */
  admit(flow: Flow): boolean;
  /** This flow has shown to be an operator's: strangers do not push it out. */
  keep(flow: Flow): void;
  readonly size: number;
  closeAll(): void;
}

interface Entry {
  readonly flow: Flow;
  readonly network: string;
  isKept: boolean;
}

/** Idle strangers must not keep the owner out: unlike a plain limit, a full table lets the newest in. */
export function createFlowTable(): FlowTable {
  const entries = new Map<Flow, Entry>();
  const evict = (isCandidate: (entry: Entry) => boolean): boolean => {
    for (const entry of entries.values())
      if (!entry.isKept && isCandidate(entry)) {
        entries.delete(entry.flow);
        entry.flow.destroy();
        return true;
      }
    return false;
  };
  return {
    admit(flow) {
      const network = networkOf(flow.remoteAddress);
      let fromNetwork = 0;
      for (const entry of entries.values()) if (entry.network === network) fromNetwork++;
      const isFull = entries.size >= ADMIN_FLOWS_MAX;
      const crowded = fromNetwork >= ADMIN_FLOWS_PER_NETWORK_MAX;
      if (
        (crowded && !evict(entry => entry.network === network)) ||
        (!crowded && isFull && !evict(() => true))
      ) {
        flow.destroy();
        return false;
      }
      entries.set(flow, { flow, network, isKept: false });
      flow.once('close', () => void entries.delete(flow));
      return true;
    },
    keep(flow) {
      const entry = entries.get(flow);
      if (entry !== undefined) entry.isKept = true;
    },
    get size() {
      return entries.size;
    },
    closeAll() {
      for (const flow of entries.keys()) flow.destroy();
    },
  };
}
