/**
 * Writes the classic BPF program of a seccomp filter (Linux Documentation/userspace-api/seccomp_filter.rst) from an
 * allow-list. What is not allowed gets EPERM: a program that tries is told so, and nothing is killed.
 */
import { assert } from '../../base/assert.ts';
import type { Architecture, SystemCall } from './system-calls.ts';
import { AUDIT_ARCHITECTURE, systemCallNumber } from './system-calls.ts';

/** One instruction of classic BPF: code, jump if true, jump if false, operand. */
export type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

/** A test of the low 32 bits of one argument, counted from 0. */
export interface ArgumentTest {
  readonly argument: number;
  /** The bits that are looked at; all of them without it. */
  readonly mask?: number;
  readonly equals: number;
}

export interface Rule {
  readonly call: SystemCall;
  /** Allowed where every test of one of these lists holds; without it, always. */
  readonly when?: readonly (readonly ArgumentTest[])[];
  /** The error that a refused call gives, where it is not EPERM. */
  readonly otherwise?: number;
}

const LOAD = 0x20;
const AND = 0x54;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER = 0x25;
const JUMP_GREATER_OR_EQUAL = 0x35;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const EPERM = 1;
/** struct seccomp_data: number, architecture, instruction pointer, six arguments of 64 bits. */
const NUMBER_OFFSET = 0;
const ARCHITECTURE_OFFSET = 4;
const ARGUMENTS_OFFSET = 16;
/** BPF_MAXINSNS. */
export const INSTRUCTIONS_MAX = 4096;

export function buildFilter(rules: readonly Rule[], architecture: Architecture): Instruction[] {
  const known = rules.flatMap(rule => {
    const number = systemCallNumber(rule.call, architecture);
    return number === undefined ? [] : [{ ...rule, number }];
  });
  const conditional = known.filter(rule => rule.when !== undefined);
  const plain = known.filter(rule => rule.when === undefined).map(rule => rule.number);
  const program: Instruction[] = [
    // Another architecture's numbers mean other calls: none of them is allowed.
    [LOAD, 0, 0, ARCHITECTURE_OFFSET],
    [JUMP_EQUAL, 1, 0, AUDIT_ARCHITECTURE[architecture]],
    refuse(),
    [LOAD, 0, 0, NUMBER_OFFSET],
    ...conditional.flatMap(conditionalBlock),
    ...mergeRanges(plain).flatMap(rangeBlock),
    refuse(),
  ];
  assert(program.length <= INSTRUCTIONS_MAX, 'a seccomp filter has at most 4096 instructions');
  return program;
}

function refuse(errno: number = EPERM): Instruction {
  return [RETURN, 0, 0, ERRNO | errno];
}

function conditionalBlock(rule: Rule & { readonly number: number }): Instruction[] {
  const tests = (rule.when ?? []).flatMap(alternativeBlock);
  const block = [...tests, refuse(rule.otherwise)];
  return [[JUMP_EQUAL, 0, block.length, rule.number], ...block];
}

/** Falls through to the next alternative where a test fails; the number is not looked at again within the block. */
function alternativeBlock(tests: readonly ArgumentTest[]): Instruction[] {
  const sizes = tests.map(test => (test.mask === undefined ? 2 : 3));
  let left = sizes.reduce((sum, size) => sum + size, 1);
  const block = tests.flatMap((test, index) => {
    left -= sizes[index] ?? 0;
    const load: Instruction = [LOAD, 0, 0, ARGUMENTS_OFFSET + 8 * test.argument];
    const mask: Instruction[] = test.mask === undefined ? [] : [[AND, 0, 0, test.mask]];
    return [load, ...mask, [JUMP_EQUAL, 0, left, test.equals] satisfies Instruction];
  });
  return [...block, [RETURN, 0, 0, ALLOW]];
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Neighbouring numbers as ranges, in ascending order. */
function mergeRanges(numbers: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (const number of numbers.toSorted((left, right) => left - right)) {
    const previous = ranges.at(-1);
    if (previous !== undefined && number <= previous.last + 1)
      ranges[ranges.length - 1] = { ...previous, last: number };
    else ranges.push({ first: number, last: number });
  }
  return ranges;
}

/** Ranges come in ascending order, so a number below this one's first lies in none. */
function rangeBlock({ first, last }: Range): Instruction[] {
  return [[JUMP_GREATER, 3, 0, last], [JUMP_GREATER_OR_EQUAL, 0, 1, first], [RETURN, 0, 0, ALLOW], refuse()];
}
