import { describe, expect, it } from 'vitest';
import { checkCitations, formatStandards } from './citations.ts';

const known = { '2131': 'Dynamic Host Configuration Protocol' };
const file = (text: string) => ({ path: 'shared/protocols/dhcp/client.ts', text });

describe('checkCitations()', () => {
  it('refuses an RFC number that is not in the table, with file and line', () => {
    expect(checkCitations([file('\n// RFC 2113 §4.4: …')], known)).toEqual([
      expect.stringContaining('shared/protocols/dhcp/client.ts:2: cites RFC 2113'),
    ]);
  });

  it('is content with known ones', () => {
    expect(checkCitations([file('// RFC 2131 §4.4.5: at T1 …')], known)).toEqual([]);
  });
});

describe('formatStandards()', () => {
  it('lists each cited standard with its folders, and the deviations', () => {
    const page = formatStandards(
      [file('// DEVIATES from RFC 2131 §3.1: the option is not sent, since …')],
      known,
    );
    expect(page).toContain('| 2131 | Dynamic Host Configuration Protocol | `shared/protocols/dhcp` |');
    expect(page).toContain('the option is not sent, since …');
  });
});
