import { concatBytes, viewOf } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { MALFORMED, type Field } from './field.ts';
import { ESCAPE_FAULT, quoteText, unescapeText } from './strings.ts';
import {
  formatSvcKey,
  mandatoryKeys,
  SVC_KEY,
  SVC_KEY_MAX,
  svcKeyName,
  svcKeyNumber,
  svcValue,
} from './svc-values.ts';
import type { Token, TokenReader } from './tokens.ts';

/** A key and the length of its value, 16 bits each. */
const PARAMETER_HEADER_BYTES = 4;
const FORM = 'parameters such as port=8443, each key once';

type Parameters = ReadonlyMap<number, Uint8Array>;

/** The parameters of SVCB and HTTPS, to the end of the data: RFC 9460 §2. */
export function serviceParameters(name: string): Field {
  return {
    name,
    form: FORM,
    end(data, offset) {
      const parameters = decodeParameters(data.subarray(offset));
      return parameters === undefined || faultOf(parameters) !== undefined ? MALFORMED : data.length;
    },
    parse: parseParameters,
    format: bytes => [...(decodeParameters(bytes) ?? [])].map(formatParameter).join(' '),
  };
}

/** undefined where lengths do not fit, or keys do not ascend (RFC 9460 §2.2: then the record is malformed). */
function decodeParameters(bytes: Uint8Array): Parameters | undefined {
  const parameters = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  let previous = -1;
  for (let offset = 0; offset < bytes.length;) {
    if (offset + PARAMETER_HEADER_BYTES > bytes.length) return undefined;
    const key = view.getUint16(offset);
    const start = offset + PARAMETER_HEADER_BYTES;
    offset = start + view.getUint16(offset + 2);
    if (key <= previous || key > SVC_KEY_MAX || offset > bytes.length) return undefined;
    parameters.set(key, bytes.subarray(start, offset));
    previous = key;
  }
  return parameters;
}

/** What is wrong with the values, or with their being together. */
function faultOf(parameters: Parameters): string | undefined {
  for (const [key, value] of parameters) {
    const { check, form } = svcValue(key);
    if (!check(value)) return `the value of ${svcKeyName(key)} is not ${form}`;
  }
  // RFC 9460 §8: what is mandatory must be there.
  const absent = mandatoryKeys(parameters.get(SVC_KEY.MANDATORY) ?? new Uint8Array()).find(
    key => !parameters.has(key),
  );
  if (absent !== undefined) return `${svcKeyName(absent)} is mandatory and is not there`;
  // RFC 9460 §7.1.1: no-default-alpn goes with alpn only.
  return parameters.has(SVC_KEY.NO_DEFAULT_ALPN) && !parameters.has(SVC_KEY.ALPN)
    ? 'no-default-alpn is there without alpn'
    : undefined;
}

function parseParameters(tokens: TokenReader): Result<Uint8Array, string> {
  const parameters = new Map<number, Uint8Array>();
  for (let token = tokens.take(); token !== undefined; token = tokens.take()) {
    const parsed = parseParameter(token);
    if (!parsed.ok) return parsed;
    const [key, value] = parsed.value;
    // RFC 9460 §2.1: the order does not matter, and no key may be there twice.
    if (parameters.has(key)) return err(`${svcKeyName(key)} is there twice`);
    parameters.set(key, value);
  }
  const fault = faultOf(parameters);
  if (fault !== undefined) return err(fault);
  const ascending = [...parameters].sort(([left], [right]) => left - right);
  return ok(concatBytes(ascending.flatMap(([key, value]) => [parameterHeader(key, value.length), value])));
}

function parseParameter({ text, quoted }: Token): Result<[number, Uint8Array], string> {
  const match = quoted ? null : /^([a-z0-9-]+)(?:=(?:"(.*)"|([^"].*|)))?$/s.exec(text);
  const key = svcKeyNumber(match?.[1] ?? '');
  if (match === null || key === undefined) return err(`${JSON.stringify(text)} is not one of ${FORM}`);
  const unescaped = unescapeText(match[2] ?? match[3] ?? '');
  if (unescaped === undefined) return err(`${JSON.stringify(text)}: ${ESCAPE_FAULT}`);
  // RFC 9460 §2.1: behind keyNNNNN the value stands as it is in the wire.
  const { read, form } = text.startsWith('key') ? { read: asItIs, form: '' } : svcValue(key);
  const value = read(unescaped);
  return value === undefined ? err(`the value of ${svcKeyName(key)} is not ${form}`) : ok([key, value]);
}

function asItIs(value: Uint8Array): Uint8Array {
  return value;
}

function formatParameter([key, value]: [number, Uint8Array]): string {
  const shown = svcValue(key).show(value);
  return shown.length === 0 ? formatSvcKey(key) : `${formatSvcKey(key)}=${quoteText(shown)}`;
}

function parameterHeader(key: number, length: number): Uint8Array {
  return Uint8Array.of(key >> 8, key & 0xff, length >> 8, length & 0xff);
}
