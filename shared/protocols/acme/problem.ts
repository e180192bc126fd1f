import { decodeUtf8 } from '../../base/bytes.ts';
import { isObject, readArray, readString } from './json.ts';
import type { Identifier } from './identifier.ts';

/** A refusal in the authority's words (RFC 9457, RFC 8555 §6.7). */
export interface Problem {
  /** The last part of `urn:ietf:params:acme:error:…`, such as 'badNonce', or the whole type where it is another. */
  readonly type: string;
  readonly detail: string;
  /** RFC 8555 §6.7.1: which identifier it is about. */
  readonly identifier?: Identifier;
  readonly subproblems?: readonly Problem[];
}

const ACME_ERROR = 'urn:ietf:params:acme:error:';
/** Longer texts are cut: they end in logs and on the status page. */
const DETAIL_MAX_CHARACTERS = 500;
/** An order has at most 100 names, each with its own problem. */
const SUBPROBLEMS_MAX = 100;

/** The problem that an answer's body tells; a body that is no problem document is told by its status alone. */
export function decodeProblem(status: number, body: Uint8Array): Problem {
  const value = parseJson(body);
  return readProblem(value) ?? { type: 'unknown', detail: `HTTP status ${status}` };
}

export function readProblem(value: unknown, depth = 0): Problem | undefined {
  if (!isObject(value)) return undefined;
  const type = readString(value, 'type');
  const detail = readString(value, 'detail');
  if (type === undefined && detail === undefined) return undefined;
  const identifier = readIdentifier(value['identifier']);
  const subproblems =
    depth > 0
      ? []
      : readArray(value, 'subproblems')
          .slice(0, SUBPROBLEMS_MAX)
          .flatMap(each => readProblem(each, depth + 1) ?? []);
  return {
    type: type?.startsWith(ACME_ERROR) === true ? type.slice(ACME_ERROR.length) : (type ?? 'unknown'),
    detail: (detail ?? type ?? '').slice(0, DETAIL_MAX_CHARACTERS),
    ...(identifier === undefined ? {} : { identifier }),
    ...(subproblems.length === 0 ? {} : { subproblems }),
  };
}

/** A sentence for people: what the authority says, and of which name. */
export function describeProblem({ detail, type, identifier, subproblems = [] }: Problem): string {
  const about = identifier === undefined ? '' : `${identifier.value}: `;
  const parts = subproblems.map(describeProblem);
  return [`${about}${detail} (${type})`, ...parts].join('; ');
}

export function readIdentifier(value: unknown): Identifier | undefined {
  if (!isObject(value)) return undefined;
  const type = readString(value, 'type');
  const text = readString(value, 'value');
  return (type === 'dns' || type === 'ip') && text !== undefined ? { type, value: text } : undefined;
}

export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(body));
  } catch {
    return undefined;
  }
}
