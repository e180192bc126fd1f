import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { formatFault, readConfiguration } from './read.ts';
import { configurationSchema, serviceConfiguration } from './schema.ts';

const definition = {
  name: 'web-service',
  configuration: z.strictObject({
    'max-flows': z
      .int()
      .min(1)
      .max(1000)
      .default(512)
      .meta({ description: 'open connections', examples: [512] }),
    names: z.array(z.string()).default([]),
  }),
};
const schema = configurationSchema(definition);
const read = (text: string) => readConfiguration({ origin: 'lares.toml', text }, schema);
const faultsOf = (text: string): string[] => {
  const result = read(text);
  return result.ok ? [] : result.error.map(formatFault);
};

describe('readConfiguration()', () => {
  it('fills an empty file with defaults', () => {
    expect(read('')).toMatchObject({
      ok: true,
      value: { admin: { port: 8443 }, operator: { keys: [] }, 'web-service': { 'max-flows': 512 } },
    });
  });

  it('names file, line, key and what would be right, all at once', () => {
    const faults = faultsOf(
      [
        '[admin]',
        'prot = 8443',
        '[web-service]',
        'max-flows = "many"',
        'names = ["a", 2]',
        '[web-servcie]',
        '[[alerts]]',
        'url = "https://hooks.example.net/one"',
        '[[alerts]]',
        'on = ["degraded", "bored"]',
      ].join('\n'),
    );
    expect(faults).toEqual([
      'lares.toml:2: admin.prot: is not known; did you mean "port"?',
      'lares.toml:4: web-service.max-flows: "many" is not right; right is a whole number from 1 to 1000: open connections, such as 512',
      'lares.toml:5: web-service.names[1]: 2 is not right; right is a text in quotes',
      'lares.toml:6: web-servcie: is not known; did you mean "web-service"?',
      'lares.toml:9: alerts[1].url: is missing; right is a text in quotes: the web hook: a URL that takes a POST with JSON, such as "https://hooks.example.net/lares"',
      'lares.toml:10: alerts[1].on[1]: "bored" is not right; right is one of "degraded", "recovered", "disk", "renewal"',
    ]);
  });

  it('names the place of a syntax error', () => {
    expect(faultsOf('[admin]\nport = \n')).toEqual([
      expect.stringMatching(/^lares\.toml:2: is not TOML: .+/),
    ]);
  });

  it('never repeats what may be a secret, and says why an operator line is refused', () => {
    const faults = faultsOf('[[alerts]]\nurl = "hunter2"\n[operator]\nkeys = ["ssh-rsa AAAA"]');
    expect(faults.join()).not.toContain('hunter2');
    expect(faults[1]).toContain(
      'lares.toml:4: operator.keys[0]: "ssh-rsa AAAA" is not right: it does not begin with "lares-operator-1"',
    );
  });

  it('never throws on text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => void read(text)));
  });
});

describe('shared tables', () => {
  const sharing = {
    ...definition,
    sharedTables: { certificates: z.strictObject({ ca: z.string() }).optional() },
  };
  const read = (text: string) =>
    readConfiguration({ origin: 'lares.toml', text }, configurationSchema(sharing));

  it('reach the service under their names, beside its own keys', () => {
    const result = read('[web-service]\nmax-flows = 7\n[certificates]\nca = "none"');
    expect(result.ok && serviceConfiguration(sharing, result.value)).toEqual({
      'max-flows': 7,
      names: [],
      certificates: { ca: 'none' },
    });
  });

  it('are checked with all the rest', () => {
    const result = read('[web-service]\nmax-flows = 0\n[certificates]\nca = 1\ncb = 2');
    expect(result.ok ? [] : result.error.map(({ line, key }) => `${line} ${key}`)).toEqual([
      '2 web-service.max-flows',
      '4 certificates.ca',
      '5 certificates.cb',
    ]);
  });
});
