import { formatAbsoluteName } from '../../../shared/protocols/dns/absolute-name.ts';
import {
  CLASS_IN,
  formatRcode,
  RCODE,
  type Message,
  type Question,
} from '../../../shared/protocols/dns/message.ts';
import { equalNames } from '../../../shared/protocols/dns/name.ts';
import { formatType } from '../../../shared/protocols/dns/record-types/mnemonics.ts';
import { dataFromMessage } from '../../../shared/protocols/dns/record-types/wire.ts';
import type { RRset } from '../../../shared/protocols/dns/rrset.ts';

export type Ask = (question: Question) => Promise<Message>;

/** The records of that name and type that a server has, each as an RRset; none where it has none. @throws Error for people. */
export async function askForSet({ owner, type }: Pick<RRset, 'owner' | 'type'>, ask: Ask): Promise<RRset[]> {
  const message = await ask({ name: owner, type, class: CLASS_IN });
  if (message.rcode !== RCODE.NOERROR && message.rcode !== RCODE.NXDOMAIN)
    throw new Error(
      `the server answers ${formatRcode(message.rcode)} when asked for ${formatAbsoluteName(owner)} ${formatType(type)}`,
    );
  // RFC 1034 §4.3.2: of a delegation, NS records come as authority and addresses as additional records.
  return [...message.answers, ...message.authorities, ...message.additionals]
    .filter(record => record.type === type && equalNames(record.name, owner))
    .flatMap(({ name, ttlSeconds, dataStart, dataEnd }) => {
      const data = dataFromMessage(message.bytes, type, dataStart, dataEnd);
      return data.ok ? [{ owner: name, type, ttlSeconds, data: [data.value] }] : [];
    });
}
