import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, RCODE, TYPE } from '../message.ts';
import type { Zone } from '../rrset.ts';
import { encodeUpdate } from '../update.ts';
import { formatZone } from '../zone-file/format-zone.ts';
import { readZone } from '../zone-file/read-zone.ts';
import { HEAD, ORIGIN } from '../zone-file/testing/read-text.ts';
import { applyEdit } from './apply-edit.ts';
import { decodeUpdate } from './decode-update.ts';
import { processUpdate } from './process-update.ts';
import { updatesOf, type RecordEdit } from './record-edit.ts';
import { readEdit, type WrittenEdit } from './written-edit.ts';

function zoneOf(lines: string): Zone {
  const read = readZone({ file: 'zone', read: () => HEAD + lines, origin: ORIGIN });
  if (!read.ok) throw new Error(read.error.errors.map(({ message }) => message).join());
  return read.value.zone;
}

function editOf(action: 'set' | 'unset', name: string, type?: string, ...values: string[]): RecordEdit {
  const written: WrittenEdit = { action, name, type, values, ttl: '60' };
  const edit = readEdit(written, ORIGIN);
  if (!edit.ok) throw new Error(edit.error);
  return edit.value;
}

/** The lines that the edit adds to and takes from the zone, or why it was not made. */
function change(zone: Zone, edit: RecordEdit): string | { gone: string[]; come: string[] } {
  const next = applyEdit(zone, edit);
  if (!next.ok) return next.error;
  const [before = [], after = []] = [zone, next.value].map(each =>
    formatZone(each).trim().replaceAll('\t', ' ').split('\n'),
  );
  return {
    gone: before.filter(line => !after.includes(line)),
    come: after.filter(line => !before.includes(line)),
  };
}

const zone = zoneOf('a A 192.0.2.2\na A 192.0.2.3\na TXT x\nc CNAME a\n');

describe('applyEdit()', () => {
  it('sets the records of a name and type in the place of those that are there', () => {
    expect(change(zone, editOf('set', 'a', 'A', '192.0.2.3', '192.0.2.4'))).toEqual({
      gone: ['a.example.org. 3600 IN A 192.0.2.2', 'a.example.org. 3600 IN A 192.0.2.3'],
      come: ['a.example.org. 60 IN A 192.0.2.3', 'a.example.org. 60 IN A 192.0.2.4'],
    });
  });

  it('sets the name servers of the zone itself, which no update may delete all at once', () => {
    expect(change(zone, editOf('set', '@', 'NS', 'ns1', 'ns.other.test.'))).toEqual({
      gone: ['example.org. 3600 IN NS ns1.example.org.', 'example.org. 3600 IN NS ns.elsewhere.test.'],
      come: ['example.org. 60 IN NS ns1.example.org.', 'example.org. 60 IN NS ns.other.test.'],
    });
  });

  it('unsets one record, those of a type, and all of a name', () => {
    const gone = (edit: RecordEdit): unknown => {
      const changed = change(zone, edit);
      return typeof changed === 'string'
        ? changed
        : changed.gone.map(line => line.slice(line.indexOf('IN ') + 3));
    };
    expect(gone(editOf('unset', 'a', 'A', '192.0.2.2'))).toEqual(['A 192.0.2.2']);
    expect(gone(editOf('unset', 'a', 'A'))).toEqual(['A 192.0.2.2', 'A 192.0.2.3']);
    expect(gone(editOf('unset', 'a.example.org.'))).toEqual(['A 192.0.2.2', 'A 192.0.2.3', 'TXT "x"']);
    expect(gone(editOf('unset', 'nowhere'))).toEqual([]);
  });

  it.each([
    [editOf('set', 'c', 'A', '192.0.2.9'), 'a CNAME stands at that name'],
    [editOf('set', 'a', 'CNAME', 'b'), 'a CNAME stands alone, so unset what else is there first'],
    [editOf('unset', '@', 'NS'), 'a zone keeps its SOA record and at least one NS record'],
    [editOf('unset', '@'), 'a zone keeps its SOA record'],
    [editOf('unset', 'ns1'), 'RFC 1034 §4.2.1'],
    [editOf('set', 'm', 'MX', '10 c'), 'RFC 2181 §10.3'],
  ])('says why an edit cannot be: %#', (edit, why) => {
    expect(change(zone, edit)).toContain(why);
  });

  it('makes what a server makes of the update', () => {
    const written = fc.record({
      action: fc.constantFrom('set', 'unset'),
      name: fc.constantFrom('@', 'a', 'b', 'd.b', '*.b'),
      type: fc.constantFrom('A', 'TXT', 'NS', 'MX'),
      value: fc.constantFrom('192.0.2.2', '192.0.2.7', 'ns1', 'ns.elsewhere.test.', '10 a', '5 mail.test.'),
    });
    const servers = zone.rrsets.find(({ owner, type }) => type === TYPE.NS && owner.length === ORIGIN.length);
    fc.assert(
      fc.property(written, ({ action, name, type, value }) => {
        const edit = readEdit({ action, name, type, values: [value] }, ORIGIN);
        const edited = edit.ok ? applyEdit(zone, edit.value) : undefined;
        fc.pre(edit.ok && edited?.ok === true);
        const updates = updatesOf(edit.value, ORIGIN, servers?.data ?? []);
        const message = decodeMessage(encodeUpdate({ id: 1, zone: ORIGIN, updates }));
        const request = message.ok ? decodeUpdate(message.value) : message;
        if (!request.ok) throw new Error(`not an update: ${request.error}`);
        const { next, result } = processUpdate(zone, request.value, () => true);
        expect(result).toBe(RCODE.NOERROR);
        expect(formatZone(next ?? zone)).toBe(formatZone(edited.value));
      }),
    );
  });
});
