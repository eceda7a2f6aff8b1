import { describe, expect, test } from 'vitest'
import {
  date,
  decimal,
  float4,
  float8,
  int2,
  int4,
  int8,
  interval,
  numeric,
  text,
  timestamp,
  typeName,
  unknown,
  type DataType,
} from '../../src/data/types/data-type.ts'
import { DigitBudget } from '../../src/data/types/digit-budget.ts'
import { castKind, commonType } from '../../src/data/types/coercion.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { isResolved } from '../../src/functions/resolve.ts'

function resolved(name: string, types: readonly DataType[]): string {
  const outcome = builtInFunctions.scalar.resolve(name, types)
  if (!isResolved(outcome)) return outcome.reason
  return `${outcome.fn.id} -> ${typeName(outcome.resultType)}`
}

describe('overloads', () => {
  const cases: readonly (readonly [string, readonly DataType[], string])[] = [
    ['+', [int4, int4], '+(int4,int4) -> integer'],
    ['+', [int2, int8], '+(int8,int8) -> bigint'],
    ['+', [int4, unknown], '+(int4,int4) -> integer'],
    ['+', [int4, float4], '+(float8,float8) -> double precision'],
    ['+', [int4, decimal(15, 2)], '+(decimal,decimal) -> numeric(16,2)'],
    ['*', [decimal(15, 2), decimal(16, 2)], '*(decimal,decimal) -> numeric(31,4)'],
    ['*', [decimal(30, 20), decimal(30, 20)], '*(numeric,numeric) -> numeric'],
    ['-', [decimal(38, 4), int8], '-(numeric,numeric) -> numeric'],
    ['<', [decimal(38, 4), decimal(30, 6)], '<(numeric,numeric) -> boolean'],
    ['<', [decimal(30, 4), decimal(30, 6)], '<(decimal,decimal) -> boolean'],
    ['+', [decimal(5, 2), numeric], '+(numeric,numeric) -> numeric'],
    ['+', [decimal(5, 2), float8], '+(float8,float8) -> double precision'],
    ['/', [decimal(15, 2), int4], '/(decimal,decimal) -> numeric'],
    ['-', [date, unknown], '-(date,date) -> integer'],
    ['-', [date, interval], '-(date,interval) -> timestamp without time zone'],
    ['<', [date, timestamp], '<(timestamp,timestamp) -> boolean'],
    ['=', [text, unknown], '=(text,text) -> boolean'],
    ['||', [unknown, unknown], '||(text,text) -> text'],
    ['||', [text, int4], '||(text,any) -> text'],
    ['=', [text, int4], 'no-match'],
    ['+', [date, unknown], 'ambiguous'],
    ['nowhere', [text], 'unknown-name'],
    ['round', [float8, int4], 'no-match'],
    ['sqrt', [int4], 'sqrt(float8) -> double precision'],
    ['abs', [unknown], 'abs(float8) -> double precision'],
  ]
  test.each(cases)('%s %j', (name, types, expected) => {
    expect(resolved(name, types)).toBe(expected)
  })
})

describe('types that may have too few digits', () => {
  const cases: readonly (readonly [string, readonly DataType[], string, boolean])[] = [
    ['*', [decimal(15, 2), decimal(16, 2)], 'numeric(31,4)', false],
    ['*', [decimal(30, 10), decimal(30, 10)], 'numeric(38,20)', true],
    ['*', [decimal(30, 20), decimal(30, 20)], 'numeric', false],
    ['-', [decimal(38, 4), int8], 'numeric(38,4)', true],
    ['round', [decimal(38, 0)], 'numeric(38,0)', true],
    ['<', [decimal(38, 4), decimal(30, 6)], 'boolean', false],
    ['<', [decimal(30, 4), decimal(30, 6)], 'boolean', false],
    ['greatest', [decimal(38, 2), decimal(10, 6)], 'numeric(38,6)', true],
  ]
  test.each(cases)('%s %j in hope', (name, types, expected, wasCut) => {
    const digits = new DigitBudget(true)
    const outcome = builtInFunctions.scalar.resolve(name, types, digits)
    expect(isResolved(outcome) && typeName(outcome.resultType)).toBe(expected)
    expect(digits.wasCut).toBe(wasCut)
  })

  test.each([
    [26, false],
    [27, true],
  ])('a sum of %i digits is cut: %s', (precision, wasCut) => {
    const digits = new DigitBudget(true)
    const outcome = builtInFunctions.aggregate.resolve('sum', [decimal(precision, 2)], digits)
    expect(isResolved(outcome) && typeName(outcome.resultType)).toBe('numeric(38,2)')
    expect(digits.wasCut).toBe(wasCut)
  })
})

describe('aggregates', () => {
  const cases: readonly (readonly [string, readonly DataType[], string])[] = [
    ['count', [], 'bigint'],
    ['sum', [int4], 'bigint'],
    ['sum', [int8], 'numeric(38,0)'],
    ['sum', [decimal(15, 2)], 'numeric(38,2)'],
    ['avg', [decimal(15, 2)], 'numeric'],
    ['avg', [float4], 'double precision'],
    ['min', [decimal(15, 2)], 'numeric(15,2)'],
    ['max', [text], 'text'],
  ]
  test.each(cases)('%s %j', (name, types, expected) => {
    const outcome = builtInFunctions.aggregate.resolve(name, types)
    expect(isResolved(outcome) ? typeName(outcome.resultType) : outcome.reason).toBe(expected)
  })
})

describe('coercion', () => {
  const common: readonly (readonly [readonly DataType[], string])[] = [
    [[int2, int8], 'bigint'],
    [[int4, decimal(15, 2)], 'numeric(15,2)'],
    [[decimal(5, 4), decimal(10, 1)], 'numeric(13,4)'],
    [[decimal(38, 2), decimal(10, 6)], 'numeric'],
    [[decimal(5, 2), numeric], 'numeric'],
    [[decimal(5, 2), float4], 'real'],
    [[date, timestamp], 'timestamp without time zone'],
    [[unknown, unknown], 'text'],
    [[unknown, date], 'date'],
    [[text, int4], 'none'],
  ]
  test.each(common)('common type of %j', (types, expected) => {
    const type = commonType(types)
    expect(type === undefined ? 'none' : typeName(type)).toBe(expected)
  })

  const kinds: readonly (readonly [DataType, DataType, string | undefined])[] = [
    [int4, int8, 'implicit'],
    [int8, int4, 'assignment'],
    [text, int4, 'explicit'],
    [int4, text, 'assignment'],
    [date, timestamp, 'implicit'],
    [timestamp, date, 'assignment'],
    [int4, decimal(10, 0), 'implicit'],
    [int4, decimal(5, 2), 'assignment'],
    [date, int4, undefined],
  ]
  test.each(kinds)('cast of %j to %j', (from, to, expected) => {
    expect(castKind(from, to)).toBe(expected)
  })
})
