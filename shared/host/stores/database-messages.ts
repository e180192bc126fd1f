import type { DatabaseErrorKind, SqlRow, SqlValue } from '../../devices/database.ts';

/** What a database worker is started with. `copyTo`: only write a copy there and end. */
export interface DatabaseWorkerData {
  readonly role: 'database';
  readonly file: string;
  readonly copyTo?: string;
}

/**
 * `read` goes to the connection that cannot write; where the statement would write, the answer is `writes` and it is asked again
 * as `query`. In a transaction everything goes to the writing connection.
 */
export interface DatabaseRequest {
  readonly id: number;
  readonly kind: 'read' | 'query' | 'run' | 'begin' | 'commit' | 'rollback' | 'close';
  readonly sql?: string;
  readonly parameters?: readonly SqlValue[];
  readonly inTransaction?: boolean;
}

export type DatabaseAnswer =
  | { readonly kind: 'rows'; readonly rows: SqlRow[] }
  | { readonly kind: 'changes'; readonly changes: number }
  | { readonly kind: 'writes' }
  | { readonly kind: 'done' }
  | ({ readonly kind: 'error' } & SqliteFault);

export interface SqliteFault {
  readonly error: DatabaseErrorKind;
  readonly message: string;
  /** The disk failed, so that nobody knows what of the last commit it has. */
  readonly disk: boolean;
}

export interface DatabaseReply {
  readonly id: number;
  readonly answer: DatabaseAnswer;
}
