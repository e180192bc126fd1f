/** UTF-8 text and the zero byte that ends it for C. @throws Error on a text that itself holds a zero. */
export function cString(text: string): Buffer {
  if (text.includes('\0'))
    throw new Error(`a text for a system call holds a zero byte: ${JSON.stringify(text)}`);
  return Buffer.from(`${text}\0`, 'utf8');
}
