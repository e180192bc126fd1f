import { err, ok, type Result } from '../../../base/result.ts';
import { CLASS_IN, decodeMessage, FLAG, formatRcode, RCODE, TYPE, type Message } from '../message.ts';
import { equalNames, type Name } from '../name.ts';
import { isDataType } from '../record-types/mnemonics.ts';
import { dataFromMessage } from '../record-types/wire.ts';
import { isLaterSerial, soaTimesOf } from '../serial.ts';
import type { ZoneRecord } from '../zone-file/record-entry.ts';
import { DifferenceReader } from './difference-reader.ts';
import type { Transferred } from './transferred.ts';
import { WholeReader } from './whole-reader.ts';

export interface TransferOptions {
  readonly id: number;
  readonly apex: Name;
  /** Ours, where the request was for what changed since: RFC 1995. */
  readonly serial?: number | undefined;
  /** What a transfer may cost: a primary that never ends must not fill the memory. */
  readonly bytesMax: number;
}

/** Reads what follows the first record; says when the last one came. */
interface BodyReader {
  take(record: ZoneRecord): Result<'more' | Transferred, string>;
}

/**
 * Reads the answer to a transfer request, message by message, TSIG already taken off. Nothing is to be used of it before it has come to
 * its end, and nothing after an error.
 */
export class TransferReader {
  readonly #options: TransferOptions;
  #soa: ZoneRecord | undefined;
  #body: BodyReader | undefined;
  #bytes = 0;
  #isFirstMessage = true;

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  take(bytes: Uint8Array): Result<'more' | Transferred, string> {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#options.bytesMax) return err('the transfer is longer than what is taken');
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) return decoded;
    const fault = this.#headerFault(decoded.value);
    if (fault !== undefined) return err(fault);
    const outcome = this.#takeRecords(decoded.value);
    if (!outcome.ok || outcome.value !== 'more') return outcome;
    const isUnchanged = this.#isFirstMessage && this.#isCurrent();
    this.#isFirstMessage = false;
    return isUnchanged ? ok({ kind: 'current' }) : outcome;
  }

  /** RFC 5936 §2.2.1 and §2.2.2. */
  #headerFault({ id, flags, rcode, questions }: Message): string | undefined {
    if (id !== this.#options.id || (flags & FLAG.QR) === 0) return 'the answer is to another question';
    if (rcode !== RCODE.NOERROR) return `the primary answers ${formatRcode(rcode)}`;
    if ((flags & FLAG.TC) !== 0) return 'the answer is truncated';
    const [question] = questions;
    if (question !== undefined && !equalNames(question.name, this.#options.apex))
      return 'the answer is for another zone';
    return undefined;
  }

  #takeRecords(message: Message): Result<'more' | Transferred, string> {
    let outcome: Result<'more' | Transferred, string> = ok('more');
    for (const record of message.answers) {
      if (outcome.ok && outcome.value !== 'more') return err('there are records after the last SOA');
      const { name: owner, type, class: recordClass, ttlSeconds, dataStart, dataEnd } = record;
      if (recordClass !== CLASS_IN || !isDataType(type)) return err('a record that belongs to no zone');
      const data = dataFromMessage(message.bytes, type, dataStart, dataEnd);
      if (!data.ok) return data;
      // RFC 2181 §8: a TTL with its first bit set is zero.
      const ttl = ttlSeconds > 0x7fff_ffff ? 0 : ttlSeconds;
      outcome = this.#takeRecord({ owner, type, ttlSeconds: ttl, data: data.value });
      if (!outcome.ok) return outcome;
    }
    return outcome;
  }

  #takeRecord(record: ZoneRecord): Result<'more' | Transferred, string> {
    if (this.#soa === undefined) {
      if (record.type !== TYPE.SOA || !equalNames(record.owner, this.#options.apex))
        return err("the transfer does not begin with the zone's SOA record");
      this.#soa = record;
      return ok('more');
    }
    this.#body ??= this.#bodyFor(this.#soa, record);
    return this.#body.take(record);
  }

  /** RFC 1995 §4: with the SOA of our version as the second record it is what changed, with any other the whole zone. */
  #bodyFor(soa: ZoneRecord, second: ZoneRecord): BodyReader {
    const { apex, serial } = this.#options;
    const isIncremental =
      serial !== undefined && second.type === TYPE.SOA && soaTimesOf(second.data).serial === serial;
    return isIncremental ? new DifferenceReader(soa) : new WholeReader(apex, soa);
  }

  /** RFC 1995 §2: one SOA alone, not later than ours. A later one is the beginning of more. */
  #isCurrent(): boolean {
    const { serial } = this.#options;
    if (serial === undefined || this.#soa === undefined || this.#body !== undefined) return false;
    return !isLaterSerial(soaTimesOf(this.#soa.data).serial, serial);
  }
}
