import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface SignedZoneFile {
  readonly path: string;
  /** With the final dot. */
  readonly apex: string;
  /** Signed by a key that has the SEP flag. */
  readonly singleKey: boolean;
}

/** A tool that judges a signed zone. */
export interface ZoneChecker {
  readonly name: string;
  /** Its complaints, or undefined where it has none. */
  check(zone: SignedZoneFile): Promise<string | undefined>;
}

export const ldnsVerifyZone: ZoneChecker = checker(({ path }) => ['ldns-verify-zone', '-V', '1', path]);
export const dnssecVerify: ZoneChecker = checker(({ path, apex, singleKey }) => [
  'dnssec-verify',
  '-q',
  // To BIND a key with the SEP flag is no ZSK, unless it is told not to look at the flag.
  ...(singleKey ? ['-z'] : []),
  '-o',
  apex,
  path,
]);
export const kzonecheck: ZoneChecker = checker(({ path, apex }) => [
  'kzonecheck',
  '-d',
  'on',
  '-o',
  apex,
  path,
]);

/** With the digest of the zone, which must be there and right. */
export const ldnsDigest: ZoneChecker = checker(({ path }) => ['ldns-verify-zone', '-ZZ', path]);

/**
 * The chain of NSEC or NSEC3 alone: with OpenSSL 3 Debian's validns can use no key of algorithm 13 (it refuses ldns-signzone's own zones in the
 * same words), and it never knew 15.
 */
export const validnsChain: ZoneChecker = {
  name: 'validns',
  async check(zone) {
    const complaint = await validns.check(zone);
    const lines = complaint
      ?.split('\n')
      .filter(
        line =>
          /^\S+:[0-9]+: /.test(line) &&
          !/ building pkey$|: cannot verify signature, reason unknown$/.test(line),
      );
    return lines === undefined || lines.length === 0 ? undefined : lines.join('\n');
  },
};

const validns = checker(({ path, apex }) => ['validns', '-z', apex, path]);

const runFile = promisify(execFile);
const CHECK_MS = 30_000;

function checker(command: (zone: SignedZoneFile) => readonly [string, ...string[]]): ZoneChecker {
  return {
    name: command({ path: '', apex: '', singleKey: false })[0],
    async check(zone) {
      const [program, ...args] = command(zone);
      try {
        await runFile(program, args, { timeout: CHECK_MS });
        return undefined;
      } catch (error) {
        // Not there, or not to be run: that says nothing of the zone.
        if (typeof (error as { code?: unknown }).code === 'string') throw error;
        return String(error);
      }
    },
  };
}
