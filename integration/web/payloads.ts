/**
 * Ways that people try to get out of a site's folder or into its hidden parts. Every file that must not be seen holds
 * {@link SECRET}; a payload is a request target as it goes on the wire, all of them visible ASCII.
 */

export const SECRET = 'this-must-not-be-seen';

/** A step upwards in every spelling that some server has taken for one. */
const STEPS = [
  '../',
  '..%2f',
  '..%2F',
  '%2e%2e/',
  '%2e%2e%2f',
  '.%2e/',
  '%2E./',
  '..\\',
  '..%5c',
  '%2e%2e%5c',
  '..;/',
  '..%3b/',
  '....//',
  '.../',
  './../',
  '..//',
  '..%00/',
  '..%20/',
  '..%0d/',
  '%252e%252e/',
  '%252e%252e%252f',
  '..%252f',
  '%25252e%25252e%25252f',
  '..%c0%af',
  '%c0%ae%c0%ae/',
  '%c0%ae%c0%ae%c0%af',
  '%e0%80%ae%e0%80%ae/',
  '..%ef%bc%8f',
  '%ef%bc%8e%ef%bc%8e/',
  '%u002e%u002e/',
  '%uff0e%uff0e%u2215',
  '..%u2215',
  '%%32%65%%32%65/',
  '.%00./',
  '%2e%2e;x=/',
  '%00../',
  '..?/',
  '..#/',
];

/** Where those steps begin. */
const STARTS = ['/', '/docs/', '//', '/./', '/docs/index.html/', '/folder-link/', 'http://localhost/'];

/** What is wanted, as seen from some folder above. */
const WANTED = ['secret.txt', 'web-service/secret.txt', 'site/.env', 'etc/passwd'];

/** Hidden files within the site. */
const HIDDEN = [
  '.env',
  '.git/config',
  '.htpasswd',
  'docs/.env',
  '.well-known/.env',
  '.codings/br/index.html',
  '_headers',
  '_redirects',
  'file-link',
  'folder-link/secret.txt',
  'folder-link/',
];

const DISGUISES = [
  '',
  '/',
  '?',
  '%00',
  '%00.html',
  '%20',
  '%0a',
  '.',
  '~',
  '.html',
  ';x',
  '::$DATA',
  '%3f',
  '/..',
  '%2f',
  '.br',
];

const PREFIXES = ['/', '//', '/docs/../', '/docs/%2e%2e/', '/%2f', 'http://localhost/'];

export const PAYLOADS: readonly string[] = [...new Set([...upwards(), ...hidden()])];

function* upwards(): Generator<string> {
  for (const start of STARTS)
    for (const step of STEPS)
      for (const depth of [1, 2, 8]) for (const wanted of WANTED) yield start + step.repeat(depth) + wanted;
}

function* hidden(): Generator<string> {
  for (const path of HIDDEN)
    for (const prefix of PREFIXES)
      for (const disguise of DISGUISES)
        for (const spelling of spellingsOf(path)) yield prefix + spelling + disguise;
}

/** As it is, and with letters, dots and slashes escaped once and twice. */
function spellingsOf(path: string): string[] {
  const escape = (text: string, letter: RegExp, sign: string): string =>
    text.replace(letter, match => `${sign}${match.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return [
    path,
    escape(path, /\./g, '%'),
    escape(path, /[a-z]/, '%'),
    escape(path, /\//g, '%'),
    escape(path, /[./]/g, '%25'),
  ];
}
