import { Buffer } from 'node:buffer';
import { err, ok, type Result } from '../../base/result.ts';
import { decodeBech32, encodeBech32 } from './bech32.ts';

/** The public halves of one operator: what an appliance must know to let that person in. */
export interface OperatorPublic {
  /** For people: shown in logs and on the status page. */
  readonly name: string;
  /** Ed25519, 32 bytes: signs log-in links and updates. */
  readonly signingKey: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo of the P-256 client certificate, 32 bytes. */
  readonly clientKeySha256: Uint8Array;
  /** X25519, 32 bytes: the age recipient of backups. */
  readonly backupKey: Uint8Array;
}

const FORMAT = 'lares-operator-1';
const KEY_BYTES = 32;
const NAME_MAX_CHARACTERS = 64;

/** One line for `[operator] keys`, in the manner of an SSH key: `lares-operator-1 <signing> <client> <age recipient> <name>`. */
export function formatOperator(operator: OperatorPublic): string {
  return [
    FORMAT,
    Buffer.from(operator.signingKey).toString('base64url'),
    Buffer.from(operator.clientKeySha256).toString('base64url'),
    encodeBech32('age', operator.backupKey),
    operator.name,
  ].join(' ');
}

/** The error is the rest of a sentence that begins with the key's place: 'has no age recipient'. */
export function parseOperator(line: string): Result<OperatorPublic, string> {
  const [format, signing = '', client = '', recipient = '', ...words] = line.trim().split(/\s+/);
  if (format !== FORMAT)
    return err(`does not begin with "${FORMAT}", as the line that \`lares keys show\` prints`);
  const signingKey = decodeKey(signing);
  if (signingKey === undefined) return err('has no Ed25519 key of 43 letters as its second word');
  const clientKeySha256 = decodeKey(client);
  if (clientKeySha256 === undefined) return err('has no client key hash of 43 letters as its third word');
  const backup = decodeBech32(recipient);
  if (!backup.ok) return err(`has an age recipient that ${backup.error}`);
  if (backup.value.prefix !== 'age' || backup.value.bytes.length !== KEY_BYTES)
    return err('has no age recipient');
  const name = words.join(' ');
  if (name === '' || name.length > NAME_MAX_CHARACTERS)
    return err('has no name of 1 to 64 characters at its end');
  return ok({ name, signingKey, clientKeySha256, backupKey: backup.value.bytes });
}

function decodeKey(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return undefined;
  const key = Uint8Array.from(Buffer.from(text, 'base64url'));
  // 43 letters hold 258 bits: the last two must be zero, or one key would have four spellings.
  return Buffer.from(key).toString('base64url') === text ? key : undefined;
}
