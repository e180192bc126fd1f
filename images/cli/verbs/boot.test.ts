import { expect, it } from 'vitest';
import { parseBootArguments } from './boot.ts';

it('takes --once beside what the guest is given', () => {
  expect(parseBootArguments(['web-service', '--once', '--uefi', '--memory', '96'])).toEqual({
    service: 'web-service',
    once: true,
    fresh: false,
    debug: false,
    guest: { firmware: 'uefi', memoryMiB: 96 },
  });
  expect(parseBootArguments(['web-service'])).toMatchObject({ once: false, guest: { firmware: 'bios' } });
});

it('says what would be right', () => {
  expect(() => parseBootArguments(['web-service', '--memory', '1e3'])).toThrow(
    '--memory 1e3: a whole number of MiB',
  );
  expect(() => parseBootArguments(['web-service', '--twice'])).toThrow('--twice');
});
