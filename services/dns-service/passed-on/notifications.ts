import { FLAG, OPCODE, opcodeOf, RCODE, TYPE } from '../../../shared/protocols/dns/message.ts';
import { equalNames, formatName } from '../../../shared/protocols/dns/name.ts';
import type { Secondary } from '../secondary/secondary.ts';
import { accessRule, isAllowed } from './access.ts';
import type { Replies } from './handle.ts';
import { replyTo } from './reply.ts';
import type { PassedOnHandler, PassedOnRequest } from './request.ts';

/** Hears from primaries that zones have changed: RFC 1996. */
export class Notifications implements PassedOnHandler {
  readonly #secondaries: readonly Secondary[];

  constructor(secondaries: readonly Secondary[]) {
    this.#secondaries = secondaries;
  }

  handle(request: PassedOnRequest): Replies | undefined {
    const { message } = request;
    const [question] = message.questions;
    if (opcodeOf(message) !== OPCODE.NOTIFY) return undefined;
    // RFC 1996 §3.7: the zone is named by an SOA question.
    if (question?.type !== TYPE.SOA) return [replyTo(message, RCODE.FORMERR)];
    const secondary = this.#secondaries.find(({ zone }) => equalNames(zone.apex, question.name));
    const primary = secondary?.primaries.findIndex(each => isAllowed([ruleOf(each)], request)) ?? -1;
    // RFC 1996 §3.10: from others than the primaries it is not heeded.
    if (secondary === undefined || primary === -1) return [replyTo(message, RCODE.REFUSED)];
    secondary.notified(primary);
    return [replyTo(message, RCODE.NOERROR, FLAG.AA)];
  }
}

function ruleOf({ endpoint, key }: Secondary['primaries'][number]): ReturnType<typeof accessRule> {
  return accessRule({ address: endpoint.host, key: key && formatName(key.name) });
}
