/** Why a message is refused: the status to answer, after which the connection is closed (its framing cannot be trusted). */
export interface Refusal {
  readonly status: 400 | 413 | 414 | 417 | 431 | 501 | 505;
  readonly reason: string;
}

export function refusal(status: Refusal['status'], reason: string): Refusal {
  return { status, reason };
}
