import { DeviceError } from '../../devices/device-error.ts';
import type { Resolver } from '../../devices/resolver.ts';
import { CLASS_IN, RCODE, TYPE, type Message, type Question } from '../../protocols/dns/message.ts';
import { equalNames, type Name } from '../../protocols/dns/name.ts';
import { decodeRecordData } from '../../protocols/dns/record-data.ts';

/** More than a zone sensibly has; the root has 13. */
const NAMES_MAX = 16;

/** The addresses of name servers as the world finds them. A name without an address is left out. @throws the signal's reason. */
export async function findAddresses(
  names: readonly string[],
  resolver: Resolver,
  signal?: AbortSignal,
): Promise<string[]> {
  const found = await Promise.all(
    names
      .slice(0, NAMES_MAX)
      .flatMap(name => [
        addressesOf(name, 'A', resolver, signal),
        addressesOf(name, 'AAAA', resolver, signal),
      ]),
  );
  return found.flat();
}

async function addressesOf(
  name: string,
  type: 'A' | 'AAAA',
  resolver: Resolver,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  try {
    return (await resolver.resolve(name, type, signal)).records;
  } catch (error) {
    if (error instanceof DeviceError) return [];
    throw error;
  }
}

/** The names in the NS records of the zone that a message holds. */
export function readNameServers(message: Message, zone: Name): string[] {
  return message.answers
    .filter(({ name, type }) => type === TYPE.NS && equalNames(name, zone))
    .flatMap(record => {
      const data = decodeRecordData(message, record, 'NS');
      return data.ok ? [data.value] : [];
    });
}

/** Whether a server's answer holds the TXT record with that text. */
export function showsText(message: Message, question: Question, text: string): boolean {
  if (message.rcode !== RCODE.NOERROR) return false;
  return message.answers.some(record => {
    if (record.type !== TYPE.TXT || record.class !== CLASS_IN) return false;
    const data = decodeRecordData(message, record, 'TXT');
    // RFC 8555 §8.4: the record's value is its strings put together.
    return equalNames(record.name, question.name) && data.ok && data.value.join('') === text;
  });
}
