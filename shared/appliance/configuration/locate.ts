/** Where something stands in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}
export type KeyPath = readonly (string | number)[];

/** Finds keys and array elements of a text that is valid TOML: the parser tells positions for syntax errors alone. */
export interface KeyLocations {
  /** Where the key is written; where it is not, its nearest table that is; else the first line. */
  find(path: KeyPath): Position;
}

export function locateKeys(toml: string): KeyLocations {
  const positions = new Map<string, Position>();
  new Scanner(toml, (path, position) => {
    const id = JSON.stringify(path);
    if (!positions.has(id)) positions.set(id, position);
  }).scan();
  return {
    find(path) {
      for (let length = path.length; length > 0; length--) {
        const position = positions.get(JSON.stringify(path.slice(0, length)));
        if (position !== undefined) return position;
      }
      return { line: 1, column: 1 };
    },
  };
}

/** Walks the text once. Every step moves forward, so that it ends on any text, also on one that is not TOML. */
class Scanner {
  readonly #text: string;
  readonly #found: (path: KeyPath, position: Position) => void;
  /** How many `[[tables]]` there were by name, to give them their indices. */
  readonly #counts = new Map<string, number>();
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, found: (path: KeyPath, position: Position) => void) {
    this.#text = text;
    this.#found = found;
  }

  scan(): void {
    let table: KeyPath = [];
    for (this.#skipSpace(); this.#at < this.#text.length; this.#skipSpace())
      if (this.#peek() === '[') table = this.#header();
      else this.#keyValue(table);
  }

  #header(): KeyPath {
    const position = this.#position();
    const isArray = this.#text.startsWith('[[', this.#at);
    this.#advance(isArray ? 2 : 1);
    const keys = this.#dottedKey();
    while (this.#peek() === ']') this.#advance(1);
    let path: (string | number)[] = [];
    for (const [index, key] of keys.entries()) {
      path = [...path, key];
      const name = JSON.stringify(path);
      if (isArray && index === keys.length - 1) this.#counts.set(name, (this.#counts.get(name) ?? -1) + 1);
      // TOML 1.0: a name that reaches through an array of tables means its newest table.
      const newest = this.#counts.get(name);
      this.#found(path, position);
      if (newest !== undefined) path = [...path, newest];
    }
    this.#found(path, position);
    return path;
  }

  #keyValue(table: KeyPath): void {
    const position = this.#position();
    let path = table;
    for (const key of this.#dottedKey()) {
      path = [...path, key];
      this.#found(path, position);
    }
    this.#skipSpace();
    // The equals sign; in a text that is not TOML whatever stands there, so that the scan ends.
    this.#advance(1);
    this.#skipSpace();
    this.#value(path);
  }

  #value(path: KeyPath): void {
    const first = this.#peek();
    if (first === '[') this.#array(path);
    else if (first === '{') this.#inlineTable(path);
    else if (first === '"' || first === "'") this.#string();
    else while (this.#at < this.#text.length && !/[\s,\]}#]/.test(this.#peek())) this.#advance(1);
  }

  #array(path: KeyPath): void {
    this.#advance(1);
    for (let index = 0; this.#skipSeparators(']'); index++) {
      const before = this.#at;
      this.#found([...path, index], this.#position());
      this.#value([...path, index]);
      if (this.#at === before) this.#advance(1);
    }
  }

  #inlineTable(path: KeyPath): void {
    this.#advance(1);
    while (this.#skipSeparators('}')) this.#keyValue(path);
  }

  /** Goes to the next element; false (and past the end) where there is none. */
  #skipSeparators(close: string): boolean {
    for (this.#skipSpace(); this.#peek() === ','; this.#skipSpace()) this.#advance(1);
    if (this.#at >= this.#text.length) return false;
    if (this.#peek() !== close) return true;
    this.#advance(1);
    return false;
  }

  #dottedKey(): string[] {
    const keys: string[] = [];
    do {
      if (keys.length > 0) this.#advance(1);
      this.#skipBlanks();
      keys.push(this.#key());
      this.#skipBlanks();
    } while (this.#peek() === '.');
    return keys;
  }

  #key(): string {
    const start = this.#at;
    if (this.#peek() !== '"' && this.#peek() !== "'") {
      while (/[A-Za-z0-9_-]/.test(this.#peek())) this.#advance(1);
      return this.#text.slice(start, this.#at);
    }
    this.#string();
    const written = this.#text.slice(start, this.#at);
    try {
      return written.startsWith('"') ? (JSON.parse(written) as string) : written.slice(1, -1);
    } catch {
      return written;
    }
  }

  #string(): void {
    const quote = this.#peek();
    const isLong = this.#text.startsWith(quote.repeat(3), this.#at);
    const end = isLong ? quote.repeat(3) : quote;
    this.#advance(end.length);
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at))
      this.#advance(quote === '"' && this.#peek() === '\\' ? 2 : 1);
    this.#advance(end.length);
    // TOML 1.0: up to two quotes may stand right before the closing three.
    if (isLong) while (this.#peek() === quote) this.#advance(1);
  }

  #skipBlanks(): void {
    while (this.#peek() === ' ' || this.#peek() === '\t') this.#advance(1);
  }

  #skipSpace(): void {
    for (;;) {
      if (this.#peek() === '#')
        while (this.#at < this.#text.length && this.#peek() !== '\n') this.#advance(1);
      else if (/\s/.test(this.#peek())) this.#advance(1);
      else return;
    }
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #advance(count: number): void {
    for (const end = Math.min(this.#at + count, this.#text.length); this.#at < end; this.#at++)
      if (this.#text[this.#at] === '\n') {
        this.#line++;
        this.#lineStart = this.#at + 1;
      }
  }

  #position(): Position {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }
}
