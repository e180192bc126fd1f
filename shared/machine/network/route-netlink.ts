import { openNetlinkSocket } from '../../host/ffi/netlink-socket.ts';
import { SystemCallError } from '../../host/ffi/library.ts';
import { GROUPS } from '../../protocols/netlink/constants.ts';
import type { RouteNetlinkEvent } from '../../protocols/netlink/events.ts';
import { decodeEvent } from '../../protocols/netlink/events.ts';
import { decodeMessages } from '../../protocols/netlink/message.ts';
import type { Request } from '../../protocols/netlink/requests.ts';
import { listRequest } from '../../protocols/netlink/requests.ts';
import type { Privileges } from '../privileges.ts';

const NETLINK_ROUTE = 0;
const HEARD_GROUPS =
  GROUPS.link |
  GROUPS.ipv4Address |
  GROUPS.ipv6Address |
  GROUPS.ipv6InterfaceInformation |
  GROUPS.neighbourUserOptions;

export interface RouteNetlink extends Disposable {
  /** Asks the kernel and resolves when it agrees. @throws SystemCallError with the kernel's reason. */
  ask(request: Request, about: string): Promise<void>;
}

interface Waiting {
  readonly about: string;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Opens rtnetlink, tells `onEvent` of every link and address there is and of each change after. Resolves when the
 * present state has been told.
 */
export async function openRouteNetlink(
  privileges: Privileges,
  onEvent: (event: RouteNetlinkEvent) => void,
): Promise<RouteNetlink> {
  const waiting = new Map<number, Waiting>();
  let sequence = 0;
  const handle = (event: RouteNetlinkEvent): void => {
    if (event.kind === 'answer') settle(waiting, event.sequence, event.errno);
    else if (event.kind === 'done') settle(waiting, event.sequence, 0);
    else onEvent(event);
  };
  const socket = openNetlinkSocket(NETLINK_ROUTE, HEARD_GROUPS, {
    onDatagram(datagram) {
      for (const message of decodeMessages(datagram)) {
        const event = decodeEvent(message);
        if (event !== undefined) handle(event);
      }
    },
    // Lost messages are made up by asking for everything again; the events are statements of fact, so twice is harmless.
    onOverrun: () => void listAll(ask).catch(() => {}),
  });
  function ask(request: Request, about: string): Promise<void> {
    const own = ++sequence;
    return new Promise((resolve, reject) => {
      waiting.set(own, { about, resolve, reject });
      privileges.use('netAdmin', () => socket.send(request(own)));
    });
  }
  await listAll(ask);
  return { ask, [Symbol.dispose]: () => socket[Symbol.dispose]() };
}

async function listAll(ask: RouteNetlink['ask']): Promise<void> {
  // One dump at a time: the kernel answers a second one on the same socket with EBUSY.
  await ask(listRequest('links'), 'links');
  await ask(listRequest('addresses'), 'addresses');
}

function settle(waiting: Map<number, Waiting>, sequence: number, errno: number): void {
  const asked = waiting.get(sequence);
  if (asked === undefined) return;
  waiting.delete(sequence);
  if (errno === 0) asked.resolve();
  else asked.reject(new SystemCallError('rtnetlink', errno, asked.about));
}
