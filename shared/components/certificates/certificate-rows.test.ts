import { expect, it } from 'vitest';
import { certificateRows } from './certificate-rows.ts';

const notAfterMs = Date.UTC(2027, 1, 1, 12, 30, 59);

it('says who signed it and until when it is good', () => {
  const own = { names: ['localhost', '::1'], issuer: 'self-signed', notAfterMs, state: 'self-signed' };
  expect(certificateRows(own)).toEqual([
    ['Names', 'localhost, ::1'],
    ['Issuer', 'self-signed'],
    ['Good until', '2027-02-01 12:30 UTC'],
    ['State', 'self-signed'],
  ]);
});

it('says what comes next and what went wrong', () => {
  const failing = {
    names: ['example.org'],
    issuer: "Let's Encrypt",
    notAfterMs,
    nextRenewalMs: Date.UTC(2027, 0, 1),
    state: 'waiting to try again',
    problem: 'example.org does not point here',
    nextTryMs: Date.UTC(2027, 0, 1, 1),
  };
  expect(certificateRows(failing)).toEqual([
    ['Names', 'example.org'],
    ['Issuer', "Let's Encrypt"],
    ['Good until', '2027-02-01 12:30 UTC'],
    ['Next renewal', '2027-01-01 00:00 UTC'],
    ['State', 'waiting to try again'],
    ['Last problem', 'example.org does not point here'],
    ['Next try', '2027-01-01 01:00 UTC'],
  ]);
});
