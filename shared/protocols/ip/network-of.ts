/**
 * What stands for one visitor in limits: an IPv4 address, or the first 64 bits of an IPv6 address, since a household has
 * all of a /64. `address` is as the operating system writes it; undefined (a flow that is closed) is a network of its own.
 */
export function networkOf(address: string | undefined): string {
  const text = address ?? '';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  if (!text.includes(':')) return text;
  const [head = '', tail] = text.replace(/%.*$/, '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length;
    const zeros = Math.max(0, 8 - groups.length - after);
    groups.push(...Array.from({ length: zeros }, () => '0'), ...(tail === '' ? [] : tail.split(':')));
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
