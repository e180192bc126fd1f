/** RFC 8555 §6.7 and RFC 9773 §5, and of the profiles draft §5: the last part of the error's URN. */
export type ProblemType =
  | 'accountDoesNotExist'
  | 'alreadyReplaced'
  | 'alreadyRevoked'
  | 'badCSR'
  | 'badNonce'
  | 'badPublicKey'
  | 'badSignatureAlgorithm'
  | 'connection'
  | 'dns'
  | 'externalAccountRequired'
  | 'incorrectResponse'
  | 'invalidContact'
  | 'invalidProfile'
  | 'malformed'
  | 'orderNotReady'
  | 'rateLimited'
  | 'rejectedIdentifier'
  | 'serverInternal'
  | 'tls'
  | 'unauthorized'
  | 'userActionRequired';

/** A refusal: thrown inside the authority, always answered as a problem document (RFC 9457). */
export class Problem extends Error {
  override name = 'Problem';
  readonly type: ProblemType;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    type: ProblemType,
    status: number,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.type = type;
    this.status = status;
    this.headers = headers;
  }
}

export interface ProblemDocument {
  readonly type: string;
  readonly detail: string;
  readonly status: number;
}

export function problemDocument(type: ProblemType, status: number, detail: string): ProblemDocument {
  return { type: `urn:ietf:params:acme:error:${type}`, detail, status };
}

export function malformed(detail: string): Problem {
  return new Problem('malformed', 400, detail);
}
