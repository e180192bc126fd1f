import { describe, expect, it } from 'vitest';
import { FragmentError, joinFragments, lostRequests, parseConfiguration } from './fragments.ts';
import { readFinalConfiguration, readFragments } from './files.ts';

describe('parseConfiguration', () => {
  it('reads settings, switched-off symbols and comments', () => {
    const text = '# Why.\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_HZ=250\nCONFIG_S="x y"\n\n';
    expect([...parseConfiguration(text, 'f')]).toEqual([
      ['A', 'y'],
      ['B', 'n'],
      ['HZ', '250'],
      ['S', '"x y"'],
    ]);
  });

  it('names the line of a fault', () => {
    expect(() => parseConfiguration('CONFIG_A=y\nCONFIG_B\n', 'net.config')).toThrow(
      new FragmentError('net.config:2: "CONFIG_B" is no setting'),
    );
    expect(() => parseConfiguration('CONFIG_A=y\n# CONFIG_A is not set\n', 'f')).toThrow(
      /f:2: A is set twice/,
    );
  });
});

describe('joinFragments', () => {
  it('refuses a symbol that two fragments name', () => {
    const fragments = new Map([
      ['one', parseConfiguration('CONFIG_A=y\n', 'one')],
      ['two', parseConfiguration('CONFIG_A=y\n', 'two')],
    ]);
    expect(() => joinFragments(fragments)).toThrow(/two: A is set in another fragment too/);
  });
});

describe('lostRequests', () => {
  it('finds what Kconfig dropped and what it forced', () => {
    const requests = parseConfiguration(
      'CONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\n# CONFIG_D is not set\n',
      'f',
    );
    const final = parseConfiguration('CONFIG_A=y\nCONFIG_C=y\n', 'f');
    expect(lostRequests(requests, final)).toEqual([
      { symbol: 'B', requested: 'y', got: 'n' },
      { symbol: 'C', requested: 'n', got: 'y' },
    ]);
  });
});

describe('the committed kernel', () => {
  it('was configured with every request of the fragments', async () => {
    const requests = joinFragments(await readFragments('x86_64'));
    expect(requests.size).toBeGreaterThan(200);
    expect(lostRequests(requests, await readFinalConfiguration('x86_64'))).toEqual([]);
  });

  it('has neither modules nor ways to replace the running kernel', async () => {
    const final = await readFinalConfiguration('x86_64');
    for (const symbol of ['MODULES', 'KEXEC', 'KEXEC_FILE', 'DEVMEM', 'BPF_SYSCALL', 'IO_URING', 'USER_NS'])
      expect(final.get(symbol) ?? 'n').toBe('n');
  });

  it('says in each block of the fragments why it is there', async () => {
    for (const [where, text] of await readFragments('x86_64', source => source))
      for (const block of text.split(/\n\n+/)) expect(block.trimStart(), where).toMatch(/^# (?!CONFIG_)/);
  });
});
