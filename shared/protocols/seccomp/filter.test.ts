import { describe, expect, it } from 'vitest';
import type { Instruction, Rule } from './filter.ts';
import { buildFilter } from './filter.ts';
import type { Architecture, SystemCall } from './system-calls.ts';
import { AUDIT_ARCHITECTURE, systemCallNumber } from './system-calls.ts';

const ALLOW = 0x7fff0000;
const rules: Rule[] = [
  { call: 'read' },
  { call: 'write' },
  { call: 'close' },
  { call: 'getrandom' },
  {
    call: 'socket',
    when: [
      [{ argument: 0, equals: 1 }],
      [
        { argument: 0, equals: 2 },
        { argument: 1, mask: 0xf, equals: 2 },
      ],
    ],
  },
  { call: 'clone3', when: [], otherwise: 38 },
];

/** The kernel's interpreter, for the instructions that the filter uses. */
function run(
  program: readonly Instruction[],
  number: number,
  architecture: number,
  args: readonly number[],
): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, architecture, true);
  args.forEach((value, index) => data.setUint32(16 + 8 * index, value, true));
  let accumulator = 0;
  for (let at = 0; at < program.length; at++) {
    const instruction = program.at(at);
    if (instruction === undefined) break;
    const [code, jumpTrue, jumpFalse, operand] = instruction;
    if (code === 0x06) return operand >>> 0;
    if (code === 0x20) accumulator = data.getUint32(operand, true);
    else if (code === 0x54) accumulator = (accumulator & operand) >>> 0;
    else {
      const holds =
        code === 0x15
          ? accumulator === operand
          : code === 0x25
            ? accumulator > operand
            : accumulator >= operand;
      at += holds ? jumpTrue : jumpFalse;
    }
  }
  throw new Error('the program ended without a return');
}

describe.each<Architecture>(['x86_64', 'aarch64'])('buildFilter() for %s', architecture => {
  const program = buildFilter(rules, architecture);
  const answer = (call: SystemCall, ...args: number[]): number =>
    run(program, systemCallNumber(call, architecture)!, AUDIT_ARCHITECTURE[architecture], args);

  it('allows exactly the numbers listed', () => {
    const allowed = new Set(
      rules.filter(rule => rule.when === undefined).map(rule => systemCallNumber(rule.call, architecture)),
    );
    for (let number = 0; number < 600; number++) {
      const isAllowed = run(program, number, AUDIT_ARCHITECTURE[architecture], []) === ALLOW;
      expect([number, isAllowed]).toEqual([number, allowed.has(number)]);
    }
  });
  it('answers EPERM for execve and for the x32 numbers', () => {
    expect(answer('execve')).toBe(0x00050001);
    expect(run(program, 0x40000000, AUDIT_ARCHITECTURE[architecture], [])).toBe(0x00050001);
  });
  it('looks at arguments', () => {
    expect(answer('socket', 1, 3)).toBe(ALLOW);
    expect(answer('socket', 2, 0x80802)).toBe(ALLOW);
    expect(answer('socket', 2, 3)).toBe(0x00050001);
    expect(answer('socket', 17, 2)).toBe(0x00050001);
  });
  it('gives the error that a rule names', () => {
    expect(answer('clone3')).toBe(0x00050026);
  });
  it('refuses the numbers of another architecture', () => {
    expect(run(program, 0, 0x40000003, [])).toBe(0x00050001);
  });
});
