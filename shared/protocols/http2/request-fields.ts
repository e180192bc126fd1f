import { addField, EmptyFields, isHost, parseContentLength, type Fields } from '../http/fields.ts';
import type { DecodedRequest } from './decoded-request.ts';
import { FieldBudget, type FieldLimits } from './field-budget.ts';
import { isPseudoField } from './field-rules.ts';
import type { OnField } from './hpack/decoder.ts';
import { DEFAULT_PRIORITY, parsePriority } from './priority.ts';

// RFC 9110 §5.6.2.
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
// RFC 3986 §3.1.
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
// RFC 9113 §8.3.1: absolute-path and query: RFC 3986 §2: of visible ASCII; all else is percent-encoded.
const PATH = /^\/[\x21-\x7e]*$/;

/** The field list of one request after another, as the decoder tells it, and what it means (RFC 9113 §8.3.1). */
export class RequestFields {
  #method: string | undefined;
  #scheme: string | undefined;
  #path: string | undefined;
  #authority: string | undefined;
  #protocol: string | undefined;
  #fields: Fields = new EmptyFields();
  #inFields = false;
  #fault: DecodedRequest | undefined;
  readonly #budget: FieldBudget;

  constructor(limits: FieldLimits) {
    this.#budget = new FieldBudget(limits);
  }

  begin(): void {
    this.#method = undefined;
    this.#scheme = undefined;
    this.#path = undefined;
    this.#authority = undefined;
    this.#protocol = undefined;
    this.#fields = new EmptyFields();
    this.#inFields = false;
    this.#budget.begin();
    this.#fault = undefined;
  }

  /** Whether further fields are wanted. */
  readonly take: OnField = (name, value, fault) => {
    if (!this.#budget.take(name, value)) {
      this.#fault = { kind: 'too-large' };
      return false;
    }
    const reason =
      fault ?? (isPseudoField(name) ? this.#takePseudo(name, value) : this.#takeField(name, value));
    if (reason === undefined) return true;
    this.#fault = malformed(reason);
    return false;
  };

  /** What all of them come to. The fields are given away. */
  finish(): DecodedRequest {
    if (this.#fault !== undefined) return this.#fault;
    const method = this.#method;
    // RFC 9113 §8.3.1: one :method, :scheme and :path, but for CONNECT (§8.5).
    if (method === undefined) return malformed('no :method');
    const target = method === 'CONNECT' ? this.#targetOfConnect() : this.#targetOf(method);
    if (target === undefined) return malformed(':scheme and :path');
    const fields = this.#fields;
    const length = fields['content-length'];
    const contentLength = length === undefined ? undefined : parseContentLength(length);
    if (length !== undefined && contentLength === undefined) return malformed('content-length');
    const priority = fields['priority'];
    return {
      kind: 'request',
      request: { method, target, fields },
      contentLength,
      // RFC 9110 §10.1.1: a server may ignore other expectations.
      expectsContinue: fields['expect']?.toLowerCase() === '100-continue' && contentLength !== 0,
      isRepeated: false,
      priority: priority === undefined ? DEFAULT_PRIORITY : parsePriority(priority),
    };
  }

  #targetOf(method: string): string | undefined {
    const path = this.#path;
    if (this.#scheme === undefined || path === undefined || this.#protocol !== undefined) return undefined;
    // RFC 9113 §8.3.1: a path of http and https begins by a slash, but for OPTIONS of the server as a whole.
    return PATH.test(path) || (path === '*' && method === 'OPTIONS') ? path : undefined;
  }

  /** RFC 9113 §8.5: host and port alone. RFC 8441 §4: with :protocol they are as those of other requests. */
  #targetOfConnect(): string | undefined {
    if (this.#protocol !== undefined)
      return this.#scheme !== undefined && this.#path !== undefined && PATH.test(this.#path)
        ? this.#path
        : undefined;
    return this.#scheme === undefined && this.#path === undefined ? this.#authority : undefined;
  }

  /** RFC 9113 §8.3: pseudo-header fields come first, once each, and there are no others. What is wrong. */
  #takePseudo(name: string, value: string): string | undefined {
    if (this.#inFields) return 'pseudo-header field after others';
    switch (name) {
      case ':method':
        if (this.#method !== undefined || !TOKEN.test(value)) return name;
        this.#method = value;
        return undefined;
      case ':scheme':
        if (this.#scheme !== undefined || !SCHEME.test(value)) return name;
        this.#scheme = value;
        return undefined;
      case ':path':
        if (this.#path !== undefined) return name;
        this.#path = value;
        return undefined;
      case ':authority':
        // RFC 9113 §8.3.1: without user information.
        if (this.#authority !== undefined || !isHost(value)) return name;
        this.#authority = value;
        this.#fields['host'] = value;
        return undefined;
      case ':protocol':
        if (this.#protocol !== undefined || !TOKEN.test(value)) return name;
        this.#protocol = value;
        return undefined;
      default:
        return 'pseudo-header field';
    }
  }

  #takeField(name: string, value: string): string | undefined {
    this.#inFields = true;
    if (name === 'host' && this.#authority !== undefined) return this.#compareHost(value);
    if (name === 'host' && !isHost(value)) return name;
    return addField(this.#fields, name, value) ? undefined : `several ${name}`;
  }

  /** RFC 9113 §8.3.1: a Host that means another server than :authority makes a request malformed. The one that is used is :authority. */
  #compareHost(host: string): string | undefined {
    const scheme = this.#scheme;
    return normalAuthority(host, scheme) === normalAuthority(this.#authority ?? '', scheme)
      ? undefined
      : 'host';
  }
}

/** RFC 3986 §6.2.2.1, §6.2.3: in lower case, without the port that goes without saying. */
function normalAuthority(authority: string, scheme: string | undefined): string {
  return authority.toLowerCase().replace(scheme === 'http' ? /:(?:80)?$/ : /:(?:443)?$/, '');
}

function malformed(reason: string): DecodedRequest {
  return { kind: 'malformed', reason };
}
