import { concatBytes, parseHex, viewOf } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { parseNameAt } from '../absolute-name.ts';
import { nameInWire } from '../name.ts';
import { parseBase64, upperHex } from './blobs.ts';
import { MALFORMED, type Field } from './field.ts';
import { formatWireName, nameEnd } from './names.ts';
import type { TokenReader } from './tokens.ts';

const HEADER_BYTES = 4;
const FORM = 'an algorithm, a host identity tag in hexadecimal, a key in base64, then rendezvous servers';

/**
 * All of HIP's data, since its order differs: lengths of tag and key with the algorithm between them, tag, key and servers in the
 * wire (RFC 8005 §5); algorithm, tag, key and servers in a master file (§6).
 */
export function hostIdentity(name: string): Field {
  return { name, form: FORM, end: dataEnd, parse: parseHostIdentity, format: formatHostIdentity };
}

function dataEnd(data: Uint8Array, offset: number): number {
  if (offset + HEADER_BYTES > data.length) return MALFORMED;
  const { tagEnd, keyEnd } = partsOf(data.subarray(offset));
  if (tagEnd === HEADER_BYTES || keyEnd === tagEnd || offset + keyEnd > data.length) return MALFORMED;
  let end = offset + keyEnd;
  while (end !== MALFORMED && end < data.length) end = nameEnd(data, end);
  return end;
}

function partsOf(bytes: Uint8Array): { tagEnd: number; keyEnd: number } {
  const tagEnd = HEADER_BYTES + (bytes[0] ?? 0);
  return { tagEnd, keyEnd: tagEnd + viewOf(bytes).getUint16(2) };
}

function parseHostIdentity(tokens: TokenReader): Result<Uint8Array, string> {
  const words = tokens.takeWords(FORM);
  if (!words.ok) return words;
  const [algorithm = '', tagText = '', keyText = '', ...serverTexts] = words.value;
  const tag = parseHex(tagText);
  const key = parseBase64(keyText);
  if (!/^[0-9]{1,3}$/.test(algorithm) || Number(algorithm) > 255) return err(`right would be ${FORM}`);
  if (tag === undefined || tag.length === 0 || tag.length > 255)
    return err(`${JSON.stringify(tagText)} is not a host identity tag of 1 to 255 bytes in hexadecimal`);
  if (key === undefined || key.length === 0 || key.length > 0xffff)
    return err(`${JSON.stringify(keyText)} is not a key in base64, without blanks`);
  const servers: Uint8Array[] = [];
  for (const text of serverTexts) {
    const server = parseNameAt(text, tokens.origin);
    if (!server.ok) return err(`rendezvous server ${JSON.stringify(text)}: ${server.error}`);
    servers.push(nameInWire(server.value));
  }
  const header = Uint8Array.of(tag.length, Number(algorithm), key.length >> 8, key.length & 0xff);
  return ok(concatBytes([header, tag, key, ...servers]));
}

function formatHostIdentity(bytes: Uint8Array): string {
  const { tagEnd, keyEnd } = partsOf(bytes);
  const texts = [
    String(bytes[1]),
    upperHex(bytes.subarray(HEADER_BYTES, tagEnd)),
    bytes.subarray(tagEnd, keyEnd).toBase64(),
  ];
  for (let offset = keyEnd; offset < bytes.length;) {
    const end = nameEnd(bytes, offset);
    texts.push(formatWireName(bytes.subarray(offset, end)));
    offset = end;
  }
  return texts.join(' ');
}
