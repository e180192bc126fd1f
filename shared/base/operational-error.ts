/**
 * A fault of the world or of what people gave, not of the program: its message is a sentence for people that says what is wrong, where, and
 * what would be right. Where it ends up in a log it stands there without a stack, which would tell its reader nothing.
 */
export class OperationalError extends Error {
  override name = 'OperationalError';
}
