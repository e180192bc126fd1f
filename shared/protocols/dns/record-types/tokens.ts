import { err, ok, type Result } from '../../../base/result.ts';
import type { Name } from '../name.ts';

/** A word or a quoted text of a master file: its escapes still inside, quotes around it taken off. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** The tokens of one record's data, taken one by one. */
export class TokenReader {
  /** Names without a final dot stand below it. */
  readonly origin: Name;
  readonly #tokens: readonly Token[];
  #taken = 0;

  constructor(tokens: readonly Token[], origin: Name) {
    this.#tokens = tokens;
    this.origin = origin;
  }

  get isAtEnd(): boolean {
    return this.#taken >= this.#tokens.length;
  }

  take(): Token | undefined {
    return this.#tokens[this.#taken++];
  }

  /** The next token, which must be there and not quoted. `form`: what it should be. */
  takeWord(form: string): Result<string, string> {
    const token = this.take();
    if (token === undefined) return err(`it is missing; right would be ${form}`);
    if (token.quoted) return err(`"${token.text}" is quoted; right would be ${form}, without quotes`);
    return hasQuoteInside(token)
      ? err(`${JSON.stringify(token.text)} has a quotation mark in it; right would be ${form}`)
      : ok(token.text);
  }

  /** All that are left, none of them quoted. */
  takeWords(form: string): Result<readonly string[], string> {
    const words: string[] = [];
    while (!this.isAtEnd) {
      const word = this.takeWord(form);
      if (!word.ok) return word;
      words.push(word.value);
    }
    return ok(words);
  }
}

/** A quotation mark inside a word belongs to a value of SVCB and HTTPS; elsewhere it is a slip or needs a backslash. */
export function hasQuoteInside({ text, quoted }: Token): boolean {
  return !quoted && text.includes('"') && !/^(?:[^"\\]|\\.)*$/s.test(text);
}
