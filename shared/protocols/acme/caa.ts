import type { RecordData } from '../../devices/resolver.ts';

type CaaRecord = RecordData['CAA'];

/** Who wants to have what signed, and how. */
export interface CaaRequest {
  /** The names by which the authority is meant in CAA records. */
  readonly identities: readonly string[];
  readonly accountUrl: string | undefined;
  readonly methods: readonly string[];
  readonly wildcard: boolean;
}

/** `unsure`: only the authority itself can tell. */
export type CaaVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'forbidden'; readonly reason: string }
  | { readonly kind: 'unsure'; readonly reason: string };

const CRITICAL = 0x80;
const KNOWN_TAGS: readonly string[] = [
  'issue',
  'issuewild',
  'iodef',
  'issuemail',
  'contactemail',
  'contactphone',
];

/** RFC 8659 §3: the names at which CAA records are looked for, one after the other, up to the first that has any. */
export function caaNames(name: string): string[] {
  const labels = name.replace(/^\*\./, '').split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/** What the records of one name, the first that has any, say to the request. */
export function judgeCaa(records: readonly CaaRecord[], request: CaaRequest): CaaVerdict {
  // RFC 8659 §4.1: a critical property that is not understood forbids.
  const strange = records.find(({ flags, tag }) => (flags & CRITICAL) !== 0 && !KNOWN_TAGS.includes(tag));
  if (strange !== undefined) return forbidden(`it has the critical property "${strange.tag}"`);
  const wild = records.filter(({ tag }) => tag === 'issuewild');
  const plain = records.filter(({ tag }) => tag === 'issue');
  // RFC 8659 §4.3: for wildcards issuewild takes precedence over issue, where there is one.
  const relevant = request.wildcard && wild.length > 0 ? wild : plain;
  if (relevant.length === 0) return { kind: 'allowed' };
  if (request.identities.length === 0)
    return { kind: 'unsure', reason: 'the authority does not say by which name CAA records mean it' };
  const values = relevant.map(({ value }) => parseIssue(value));
  const ours = values.filter(({ issuer }) => request.identities.includes(issuer));
  if (ours.length === 0) {
    const listed = values.map(({ issuer }) => issuer || 'nobody').join(', ');
    return forbidden(`it allows ${listed}, not ${request.identities.join(' or ')}`);
  }
  return judgeParameters(ours, request);
}

interface Issue {
  readonly issuer: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 8657: one record is enough whose account and methods fit. */
function judgeParameters(issues: readonly Issue[], { accountUrl, methods }: CaaRequest): CaaVerdict {
  const forMethods = issues.filter(({ parameters }) =>
    allowsMethod(parameters.get('validationmethods'), methods),
  );
  if (forMethods.length === 0) return forbidden(`its validationmethods do not allow ${methods.join(' or ')}`);
  const accounts = forMethods.map(({ parameters }) => parameters.get('accounturi'));
  if (accounts.some(account => account === undefined || account === accountUrl)) return { kind: 'allowed' };
  const reason = `its accounturi allows ${accounts.join(', ')}`;
  return accountUrl === undefined
    ? { kind: 'unsure', reason: `${reason}; this machine has no account yet` }
    : forbidden(`${reason}, not ${accountUrl}`);
}

// RFC 8657 §4: a comma-separated list of methods.
function allowsMethod(value: string | undefined, methods: readonly string[]): boolean {
  return value === undefined || value.split(',').some(method => methods.includes(method.trim()));
}

/** RFC 8659 §4.2: `[issuer-domain-name] [";" parameters]`; an empty issuer is nobody. */
function parseIssue(value: string): Issue {
  const [issuer = '', ...parameters] = value.split(';').map(part => part.trim());
  const pairs = parameters.flatMap(parameter => {
    const [tag = '', ...rest] = parameter.split('=');
    return tag === '' ? [] : [[tag.trim().toLowerCase(), rest.join('=').trim()] as const];
  });
  return { issuer: issuer.toLowerCase(), parameters: new Map(pairs) };
}

function forbidden(reason: string): CaaVerdict {
  return { kind: 'forbidden', reason };
}
