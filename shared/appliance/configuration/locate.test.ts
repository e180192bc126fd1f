import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locateKeys } from './locate.ts';

const TOML = `# comment with [table] and key = 1
top = "a # b"
[admin]
port = 8443 # the port
listen.host = '::'
text = """
[not a table]
key = 2"""
[[alerts]]
url = "https://one"
[[alerts]]
url = "https://two"
[alerts.more]
deep = { a = 1, "b c" = [1, [2, 3]] }
list = [
  "x", # first
  "y",
]
`;

describe('locateKeys()', () => {
  const locations = locateKeys(TOML);
  it.each([
    [['top'], 2, 1],
    [['admin'], 3, 1],
    [['admin', 'port'], 4, 1],
    [['admin', 'listen', 'host'], 5, 1],
    [['admin', 'key'], 3, 1],
    [['alerts', 0, 'url'], 10, 1],
    [['alerts', 1, 'url'], 12, 1],
    [['alerts', 1, 'more', 'deep', 'a'], 14, 10],
    [['alerts', 1, 'more', 'deep', 'b c', 1, 1], 14, 33],
    [['alerts', 1, 'more', 'list', 1], 17, 3],
    [['nowhere'], 1, 1],
  ])('finds %j', (path, line, column) => expect(locations.find(path)).toEqual({ line, column }));

  it('ends on any text', () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('[]{}"\'=.,#\\\n ab')), maxLength: 60 });
    fc.assert(fc.property(text, each => void locateKeys(each)));
  });
});
