import { parseNameAt } from '../absolute-name.ts';
import type { Name } from '../name.ts';
import type { Token } from '../record-types/presentation.ts';
import { EntryReader, type Entry } from './entry-reader.ts';
import type { FaultList, Place } from './fault.ts';
import { countOf, readGenerate } from './generate.ts';
import { GENERATED_RECORDS_MAX, INCLUDE_DEPTH_MAX, ZONE_FILES_MAX, ZONE_TEXT_MAX_BYTES } from './limits.ts';
import { parseTtl, readRecord, type Complaint, type EntryContext, type ZoneRecord } from './record-entry.ts';

/** The files of a zone, by name; undefined where there is none. Names in `$INCLUDE` are relative to the file that has it. */
export type ReadFile = (file: string) => string | undefined;

export interface ZoneFileSource {
  readonly file: string;
  readonly read: ReadFile;
  /** What names without a final dot stand below until `$ORIGIN` says otherwise. */
  readonly origin: Name;
}

/** What comes out of a file, in its order. */
export interface ZoneFileSink {
  readonly faults: FaultList;
  add(record: ZoneRecord, place: Place): void;
}

/**
 * Reads a master file (RFC 1035 §5) with what it includes. It goes on behind a fault, so that all are told at once.
 * Whether all of it was understood.
 */
export function parseZoneFile({ file, read, origin }: ZoneFileSource, sink: ZoneFileSink): boolean {
  const parser = new ZoneFileParser(read, sink);
  parser.readFile({ file, depth: 0, ...freshContext(origin) }, { file, line: 1 });
  return parser.isUnderstood;
}

/** One of the files being read. */
interface OpenFile extends EntryContext {
  readonly file: string;
  readonly depth: number;
}

function freshContext(origin: Name): EntryContext {
  return {
    origin,
    owner: undefined,
    ownerText: undefined,
    defaultTtlSeconds: undefined,
    lastTtlSeconds: undefined,
  };
}

const SYNTAX = 'RFC 1035 §5.1';
const LIMITS = 'limits of Lares';

class ZoneFileParser {
  readonly #read: ReadFile;
  readonly #sink: ZoneFileSink;
  #files = 0;
  #bytes = 0;
  #generated = 0;
  /** Faults of the text, those of what it says not counted. */
  #misread = 0;

  constructor(read: ReadFile, sink: ZoneFileSink) {
    this.#read = read;
    this.#sink = sink;
  }

  /** Whether nothing read so far was left out. */
  get isUnderstood(): boolean {
    return this.#misread === 0;
  }

  /** Reads a file. What stood in the way of it is told at `named`, where it is asked for. */
  readFile(open: OpenFile, named: Place): void {
    const { file } = open;
    const complain = (message: string, rule: string): void => this.#error(named, { rule, message });
    // Counted before it is read, so that files which include many others cost no more.
    if (++this.#files > ZONE_FILES_MAX) return complain(`a zone is ${ZONE_FILES_MAX} files at most`, LIMITS);
    const text = this.#read(file);
    if (text === undefined) return complain(`there is no file ${file}`, SYNTAX);
    this.#bytes += text.length;
    if (this.#bytes > ZONE_TEXT_MAX_BYTES)
      return complain(`with ${file} the zone is above ${ZONE_TEXT_MAX_BYTES} bytes`, LIMITS);
    const reader = new EntryReader(text, (line, message) =>
      this.#error({ file, line }, { rule: SYNTAX, message }),
    );
    for (let entry = reader.next(); entry !== undefined; entry = reader.next()) this.#readEntry(entry, open);
  }

  #readEntry(entry: Entry, open: OpenFile): void {
    const [first] = entry.tokens;
    if (first === undefined) return;
    if (first.text.startsWith('$') && !first.quoted) this.#readDirective(entry, open, first.text);
    else this.#readRecord(entry, open);
  }

  #readRecord(entry: Entry, open: OpenFile): void {
    const place: Place = { file: open.file, line: entry.line };
    const record = readRecord(entry, open, complaint =>
      this.#sink.faults.warn(place, complaint.rule, complaint.message),
    );
    if (record.ok) this.#sink.add(record.value, place);
    else this.#error(place, record.error);
  }

  #readDirective(entry: Entry, open: OpenFile, name: string): void {
    const place: Place = { file: open.file, line: entry.line };
    const complain = (message: string, rule: string = SYNTAX): void => this.#error(place, { rule, message });
    if (entry.indented) return complain(`the directive ${name} stands at the beginning of its line`);
    const values = entry.tokens.slice(1);
    switch (name.toUpperCase()) {
      case '$ORIGIN':
        return this.#setOrigin(values, open, complain);
      case '$TTL':
        return this.#setTtl(values, open, complain);
      case '$INCLUDE':
        return this.#include(values, open, place);
      case '$GENERATE':
        return this.#generate(values, open, place);
      default:
        complain(`${name} is no directive; there are $ORIGIN, $TTL, $INCLUDE and $GENERATE`);
    }
  }

  #setOrigin(values: readonly Token[], open: OpenFile, complain: (message: string) => void): void {
    const origin = readOrigin(values[0]);
    if (values.length !== 1 || origin === undefined)
      return complain('right is: $ORIGIN and one name with its final dot, as in $ORIGIN example.org.');
    open.origin = origin;
    // The same text means another name from here on; the last owner stays what it was.
    open.ownerText = undefined;
  }

  /** RFC 2308 §4. */
  #setTtl(
    values: readonly Token[],
    open: OpenFile,
    complain: (message: string, rule?: string) => void,
  ): void {
    const [value] = values;
    if (values.length !== 1 || value === undefined || value.quoted)
      return complain('right is: $TTL and one time, as in $TTL 3600 or $TTL 1h', 'RFC 2308 §4');
    const ttl = parseTtl(value.text);
    if (ttl.ok) open.defaultTtlSeconds = ttl.value;
    else complain(ttl.error.message, ttl.error.rule);
  }

  /** RFC 1035 §5.1: what the included file says of origin and TTL ends with it. */
  #include(values: readonly Token[], open: OpenFile, place: Place): void {
    const complain = (message: string, rule = SYNTAX): void => this.#error(place, { rule, message });
    const [target, originToken] = values;
    const origin = originToken === undefined ? open.origin : readOrigin(originToken);
    if (target === undefined || values.length > 2 || origin === undefined)
      return complain('right is: $INCLUDE and a file, and where wanted an origin with its final dot');
    if (open.depth === INCLUDE_DEPTH_MAX)
      return complain(`more than ${INCLUDE_DEPTH_MAX} files within files; does one include itself?`, LIMITS);
    const file = besides(open.file, target.text);
    this.readFile(
      { ...open, file, depth: open.depth + 1, origin, owner: undefined, ownerText: undefined },
      place,
    );
  }

  #generate(values: readonly Token[], open: OpenFile, place: Place): void {
    const complain = (message: string, rule = 'BIND $GENERATE'): void =>
      this.#error(place, { rule, message });
    const read = readGenerate(values);
    if (!read.ok) return complain(read.error);
    const { range, tokensFor } = read.value;
    this.#generated += countOf(range);
    if (this.#generated > GENERATED_RECORDS_MAX)
      return complain(
        `all $GENERATE of a zone together make at most ${GENERATED_RECORDS_MAX} records`,
        LIMITS,
      );
    // What is generated leaves no owner and no TTL behind for the next line.
    const context = { ...open };
    const misreadBefore = this.#misread;
    for (let number = range.start; number <= range.stop; number += range.step) {
      const tokens = tokensFor(number);
      if (!tokens.ok) return complain(tokens.error);
      this.#readRecord({ line: place.line, indented: false, tokens: tokens.value }, context);
      // The next numbers would have the same fault.
      if (this.#misread > misreadBefore) return;
    }
  }

  #error(place: Place, { rule, message }: Complaint): void {
    this.#misread++;
    this.#sink.faults.error(place, rule, message);
  }
}

/** An origin is absolute: NSD and Knot refuse what would depend on the lines before. */
function readOrigin(token: Token | undefined): Name | undefined {
  if (token === undefined || token.quoted) return undefined;
  const name = parseNameAt(token.text, []);
  // Below the root a relative name is the same as an absolute one: what tells them apart is the final dot.
  return name.ok && /(?:^|[^\\])(?:\\\\)*\.$/.test(token.text) ? name.value : undefined;
}

/** The path of `target` as seen from the folder of `file`. */
function besides(file: string, target: string): string {
  return target.startsWith('/') ? target : file.slice(0, file.lastIndexOf('/') + 1) + target;
}
