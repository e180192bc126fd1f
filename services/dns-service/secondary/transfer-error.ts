/** A transfer that came to nothing; the zone stays as it is. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}
