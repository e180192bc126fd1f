/** What a module of `verbs/` exports as `verb`. */
export interface Verb {
  /** One line for `lares help`. */
  readonly summary: string;
  /** Gets the words after the verb and gives the exit code. Errors it throws are shown by their message. */
  readonly run: (args: readonly string[]) => Promise<number>;
}
