import { equalBytes, viewOf } from '../../../base/bytes.ts';
import { parseBase32hex } from '../base32hex.ts';
import type { Denial } from '../dnssec/signed-zone.ts';
import { formatName } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { signaturesOf } from './arrange-zone.ts';
import type { Parts } from './compile-content.ts';
import type { BlockEncoder } from './encode-block.ts';
import { HASH_WORDS } from './layout.ts';

const SHA1 = 1;
const SHA1_WORDS = 5;

interface Hashed {
  readonly nsec3: RRset;
  readonly denial: Extract<Denial, { readonly kind: 'nsec3' }>;
}

/** Writes an NSEC3 record, if it is of the chain in use; they come in the order of their hashes. */
export function compileHash({ hashes }: Parts, encoder: BlockEncoder, { nsec3, denial }: Hashed): void {
  const [label] = nsec3.owner;
  const hash = label === undefined ? undefined : parseBase32hex(formatName([label]));
  if (hash?.length !== 4 * SHA1_WORDS || !isOfChain(nsec3.data[0] as Uint8Array, denial)) return;
  const at = hashes.extend(4 * HASH_WORDS);
  for (let word = 0; word < SHA1_WORDS; word++)
    hashes.setWord(at + 4 * word, viewOf(hash).getUint32(4 * word));
  hashes.setWord(at + 4 * SHA1_WORDS, encoder.write(nsec3, { signatures: signaturesOf(nsec3) }));
}

/** RFC 5155 §7.3: a zone may have several chains for a while; the one that NSEC3PARAM names is used. */
function isOfChain(data: Uint8Array, { iterations, salt }: Hashed['denial']): boolean {
  return (
    data.length > 5 &&
    data[0] === SHA1 &&
    viewOf(data).getUint16(2) === iterations &&
    equalBytes(data.subarray(5, 5 + (data[4] as number)), salt)
  );
}
