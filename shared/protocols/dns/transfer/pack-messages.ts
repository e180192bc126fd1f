import { MessageWriter, type RecordToEncode } from '../encode-message.ts';
import { FLAG, HEADER_BYTES, type Question } from '../message.ts';
import { nameBytes } from '../name.ts';

export interface PackOptions {
  readonly id: number;
  readonly question: Question;
  /** RFC 6891 §6.1.1: for who sent one. */
  readonly opt?: RecordToEncode | undefined;
  /** Of one message: less than 65,535 where a signature is to follow. */
  readonly bytesMax: number;
}

/** Type, class, TTL and RDLENGTH. */
const FIXED_BYTES = 10;

/** The answers of a transfer as messages, as many records in each as fit: RFC 5936 §2.2 leaves it to the server, and asks for few messages. */
export function* packMessages(
  records: Iterable<RecordToEncode>,
  { id, question, opt, bytesMax }: PackOptions,
): Generator<Uint8Array<ArrayBuffer>> {
  // RFC 5936 §2.2.1: AA is set.
  const header = { id, flags: FLAG.QR | FLAG.AA };
  let writer = new MessageWriter(HEADER_BYTES);
  writer.question(question);
  // RFC 5936 §2.2.2: the question needs to stand in the first message only.
  let questions = 1;
  let answers = 0;
  const finish = (): Uint8Array<ArrayBuffer> => {
    if (opt !== undefined) writer.record(opt);
    return writer.finish(header, [questions, answers, 0, opt === undefined ? 0 : 1]);
  };
  const roomMax = bytesMax - (opt === undefined ? 0 : recordBytesMax(opt));
  for (const record of records) {
    if (answers > 0 && writer.length + recordBytesMax(record) > roomMax) {
      yield finish();
      writer = new MessageWriter(HEADER_BYTES);
      questions = 0;
      answers = 0;
    }
    writer.record(record);
    answers++;
  }
  yield finish();
}

function recordBytesMax({ name, data }: RecordToEncode): number {
  return nameBytes(name) + FIXED_BYTES + data.length;
}
