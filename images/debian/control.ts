/** Debian's control format (deb-control(5), deb822(5)): stanzas of `Field: value`, continued by indented lines. */
export type Stanza = ReadonlyMap<string, string>;

/** Every stanza of a control file. Field names are lower-cased; continued lines are joined by newlines. */
export function* parseStanzas(text: string): Generator<Stanza> {
  for (const block of text.split(/\n[ \t]*\n+/)) {
    const stanza = parseStanza(block);
    if (stanza.size > 0) yield stanza;
  }
}

function parseStanza(block: string): Stanza {
  const fields = new Map<string, string>();
  let current = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    if (/^[ \t]/.test(line)) {
      fields.set(current, `${fields.get(current) ?? ''}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    current = line.slice(0, colon).toLowerCase();
    fields.set(current, line.slice(colon + 1).trim());
  }
  return fields;
}
