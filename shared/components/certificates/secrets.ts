import { DeviceError } from '../../devices/device-error.ts';

/** Secrets by name, as the owner put them beside the configuration; never in the image, never in the configuration itself. */
export interface Secrets {
  /** The text without the space around it, never empty. @throws DeviceError with a sentence for people where it is missing. */
  text(name: string): Promise<string>;
  /** The secret's bytes from its text. @throws DeviceError with a sentence for people where it is missing or not in that form. */
  bytes(name: string, encoding: 'base64' | 'base64url'): Promise<Uint8Array>;
}

/** The text of a secret, or undefined where there is none of that name. */
export type SecretReader = (name: string) => Promise<string | undefined>;

export function createSecrets(read: SecretReader): Secrets {
  const textOf = async (name: string): Promise<string> => {
    const text = (await read(name))?.trim();
    // An empty key is one that everybody has.
    if (text === undefined || text === '')
      throw new DeviceError(
        'not-found',
        `the secret "${name}" is missing: put it into the file secrets/${name} beside lares.toml (of an image: on the LARES partition)`,
      );
    return text;
  };
  return {
    text: textOf,
    async bytes(name, encoding) {
      const text = await textOf(name);
      try {
        return Uint8Array.fromBase64(text, { alphabet: encoding });
      } catch {
        // The text itself must not be repeated.
        throw new DeviceError('corrupt', `the secret "${name}" is not in ${encoding} form`);
      }
    },
  };
}
