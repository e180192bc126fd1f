/**
 * The addresses under which a service can be reached from outside: on a machine of its own, 'localhost' stands for each
 * of the machine's `addresses` ('192.0.2.1/24', '2001:db8::1/64'); other names stay as they are.
 */
export function reachableUrls(urls: readonly string[], addresses: readonly string[]): string[] {
  const hosts = addresses.map(address => address.split(/[/%]/)[0] ?? '').filter(isReachable);
  if (hosts.length === 0) return [...urls];
  return urls.flatMap(url => {
    const parsed = new URL(url);
    if (parsed.hostname !== 'localhost') return [url];
    return hosts.map(host => url.replace('//localhost', `//${host.includes(':') ? `[${host}]` : host}`));
  });
}

// RFC 4291 §2.5.6: a link-local address needs a zone to be reached, which no browser takes in a URL.
function isReachable(host: string): boolean {
  return host !== '' && host !== '::1' && !host.startsWith('127.') && !/^fe[89ab]/i.test(host);
}
