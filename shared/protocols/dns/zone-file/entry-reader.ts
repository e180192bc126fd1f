import type { Token } from '../record-types/presentation.ts';
import { ENTRY_TOKENS_MAX, WORD_MAX_CHARACTERS } from './limits.ts';

/** One entry of a master file: a directive or a record, with the lines that parentheses join (RFC 1035 §5.1). */
export interface Entry {
  /** Of the file, from 1 on: where the entry begins. */
  readonly line: number;
  /** It begins with a blank: a record of the same owner as the one before. */
  readonly indented: boolean;
  readonly tokens: readonly Token[];
}

/** Takes the text of a master file apart. Each `next` gives one entry; broken ones are told to `onFault` and left out. */
export class EntryReader {
  readonly #text: string;
  readonly #onFault: (line: number, message: string) => void;
  #at = 0;
  #line = 1;
  #depth = 0;
  #broken = false;
  #tokens: Token[] = [];

  constructor(text: string, onFault: (line: number, message: string) => void) {
    this.#text = text;
    this.#onFault = onFault;
  }

  next(): Entry | undefined {
    while (this.#at < this.#text.length) {
      const line = this.#line;
      const indented = isBlank(this.#text.charCodeAt(this.#at));
      this.#tokens = [];
      this.#broken = false;
      this.#readEntry();
      if (this.#depth > 0) this.#fault('a parenthesis that is never closed', line);
      this.#depth = 0;
      if (!this.#broken && this.#tokens.length > 0) return { line, indented, tokens: this.#tokens };
    }
    return undefined;
  }

  /** To the end of the line, or of the last line where parentheses join several. */
  #readEntry(): void {
    const text = this.#text;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (isBlank(code)) this.#at++;
      else if (code === NEWLINE) {
        this.#at++;
        this.#line++;
        if (this.#depth === 0) return;
      } else if (code === SEMICOLON) this.#skipComment();
      else if (code === OPEN || code === CLOSE) this.#readParenthesis(code);
      else if (code === QUOTE) this.#readQuoted();
      else if (code === RETURN) this.#readReturn();
      else this.#readWord();
    }
  }

  /** Line ends as other systems write them. */
  #readReturn(): void {
    this.#at++;
    if (!endsLine(this.#text.charCodeAt(this.#at))) this.#fault('a carriage return within a line');
  }

  #skipComment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #readParenthesis(code: number): void {
    this.#at++;
    const depth = this.#depth + (code === OPEN ? 1 : -1);
    // RFC 1035 §5.1 knows no parentheses within parentheses.
    if (depth < 0) this.#fault('a closing parenthesis without an opening one');
    else if (depth > 1) this.#fault('parentheses within parentheses');
    else this.#depth = depth;
  }

  #readQuoted(): void {
    const start = this.#at + 1;
    const end = this.#endOfQuoted(start);
    this.#at = end;
    if (this.#text.charCodeAt(end) !== QUOTE)
      return this.#fault('a string in quotation marks ends on the line where it begins');
    this.#at++;
    this.#checkSeparated();
    this.#push(this.#text.slice(start, end), true);
  }

  /** The offset of the closing mark, or of what ends the string too early. */
  #endOfQuoted(at: number): number {
    for (; ; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === BACKSLASH && !endsLine(this.#text.charCodeAt(at + 1))) at++;
      else if (code === QUOTE || endsLine(code)) return at;
      else if (isControl(code)) this.#fault(`the byte ${code} in a string: write it as ${asEscape(code)}`);
    }
  }

  #readWord(): void {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) {
        if (endsLine(text.charCodeAt(at + 1))) this.#fault('a backslash at the end of a line');
        else at++;
      } else if (code === QUOTE) {
        // RFC 9460 §2.1: in key="value" the marks belong to the word, and so does all between them.
        if (text.charCodeAt(at - 1) !== EQUALS) this.#fault('a quotation mark within a word: write \\"');
        at = this.#endOfQuoted(at + 1);
        if (text.charCodeAt(at) === QUOTE) at++;
        else this.#fault('a value in quotation marks ends on the line where it begins');
        this.#at = at;
        this.#checkSeparated();
        break;
      } else if (endsWord(code)) break;
      else if (isControl(code)) this.#fault(`the byte ${code} in a word: write it as ${asEscape(code)}`);
    }
    this.#at = at;
    this.#push(text.slice(start, at), false);
  }

  /** Knot refuses what BIND guesses at: `"a""b"`, `"a"b`. */
  #checkSeparated(): void {
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE || !endsWord(code)) this.#fault('a blank is missing behind a quotation mark');
  }

  #push(text: string, quoted: boolean): void {
    if (this.#tokens.length === ENTRY_TOKENS_MAX)
      this.#fault(`a record of more than ${ENTRY_TOKENS_MAX} words`);
    if (text.length > WORD_MAX_CHARACTERS)
      this.#fault(`a word of more than ${WORD_MAX_CHARACTERS} characters`);
    if (!this.#broken) this.#tokens.push({ text, quoted });
  }

  /** Tells the first fault of an entry; the others follow from it often enough. */
  #fault(message: string, line: number = this.#line): void {
    if (!this.#broken) this.#onFault(line, message);
    this.#broken = true;
  }
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** True at the end of the text as well, where `charCodeAt` gives NaN. */
function endsLine(code: number): boolean {
  return code === NEWLINE || Number.isNaN(code);
}

function isControl(code: number): boolean {
  return (code < SPACE && code !== TAB) || code === DELETE;
}

function endsWord(code: number): boolean {
  return (
    code === SPACE ||
    code === TAB ||
    code === NEWLINE ||
    code === SEMICOLON ||
    code === OPEN ||
    code === CLOSE ||
    code === RETURN ||
    Number.isNaN(code)
  );
}

function asEscape(code: number): string {
  return `\\${String(code).padStart(3, '0')}`;
}
