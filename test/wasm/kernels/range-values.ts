import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import {
  bool,
  rangeOf,
  rangeSubtypes,
  type DataType,
  type RangeName,
} from '../../../src/data/types/data-type.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { rangeTests, rangeTraits } from '../../../src/functions/ranges/inline.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { attempt, bytesOfView, expectedBytes, viewOf } from '../values/cells.ts'
import { arena, below, call, conformance, kernels, pick, space } from './bench.ts'

const ROUNDS = 900
const values: Readonly<Partial<Record<RangeName, readonly string[]>>> = {
  int4range: ['-2147483648', '-1', '0', '1', '2', '3', '2147483646'],
  int8range: ['-9223372036854775808', '-1', '0', '1', '2', '3', '4294967296'],
  daterange: ['0044-03-15 BC', '1999-12-31', '2000-01-01', '2000-01-02'],
  tsrange: ['1999-12-31 23:59:59.999999', '2000-01-01 00:00:00', '2000-01-02 00:00:00'],
  tstzrange: ['1999-12-31 23:59:59.999999+00', '2000-01-01 00:00:00+00', '2000-01-02 00:00:00+00'],
}
const names = Object.keys(values) as (keyof typeof values)[]
const widthOf = (of: RangeName): number => (of === 'int4range' || of === 'daterange' ? 4 : 8)

function randomRange(random: Random, of: RangeName): Scalar {
  if (below(random, 9) === 0) return 'empty'
  const all = values[of] ?? []
  const [from, to] = [below(random, all.length), below(random, all.length)].toSorted(
    (a, b) => a - b,
  )
  const end = (at: number | undefined): string =>
    below(random, 6) === 0 ? '' : JSON.stringify(all[at ?? 0])
  return parseScalar(
    `${pick(random, ['[', '('])}${end(from)},${end(to)}${pick(random, [']', ')'])}`,
    rangeOf(of),
  )
}

interface Drawn {
  readonly of: RangeName
  readonly type: DataType
  readonly range: Scalar
  readonly view: bigint
}

function drawn(random: Random, of = pick(random, names)): Drawn {
  const type = rangeOf(of)
  const range = randomRange(random, of)
  return { of, type, range, view: viewOf(range, type) }
}

const operators = {
  contains: '@>',
  overlap: '&&',
  before: '<<',
  endsWithin: '&<',
  beginsWithin: '&>',
  touch: '-|-',
} as const
const questions = {
  isEmpty: 'isempty',
  lowerIsWithin: 'lower_inc',
  upperIsWithin: 'upper_inc',
  lowerIsInfinite: 'lower_inf',
  upperIsInfinite: 'upper_inf',
} as const
const keysOf = <K extends string>(of: Readonly<Record<K, unknown>>): K[] => Object.keys(of) as K[]

function testsOf(random: Random): void {
  const left = drawn(random)
  const right = drawn(random, left.of)
  for (const name of keysOf(operators)) {
    const found = call('rangesTest', left.view, right.view, widthOf(left.of), rangeTests[name])
    const entry = scalarEntry(`${operators[name]}(range,range)`)
    const expected = entry.evaluate([left.range, right.range], [left.type, right.type], bool)
    expect(found === 1, `${String(left.range)} ${operators[name]} ${String(right.range)}`).toBe(
      expected,
    )
  }
}

function containing(random: Random): void {
  const { of, type, range, view } = drawn(random)
  const subtype = rangeSubtypes[of]
  const value = parseScalar(pick(random, values[of] ?? []), subtype)
  const found = call('rangeContains', view, BigInt(value as number | bigint), widthOf(of))
  const expected = scalarEntry('@>(range,any)').evaluate([range, value], [type, subtype], bool)
  expect(found === 1, `${String(range)} @> ${String(value)}`).toBe(expected)
}

function partsOf(random: Random): void {
  const { of, type, range, view } = drawn(random)
  const subtype = rangeSubtypes[of]
  const traits = call('rangeTraits', view, widthOf(of))
  for (const name of keysOf(questions)) {
    const expected = scalarEntry(`${questions[name]}(range)`).evaluate([range], [type], bool)
    expect((traits & rangeTraits[name]) !== 0, `${name} of ${String(range)}`).toBe(expected)
  }
  for (const [isUpper, name] of ['lower', 'upper'].entries()) {
    const found = BigInt(kernels.exports['rangeBound']!(view, isUpper, widthOf(of)))
    call('rangeBound', view, isUpper, widthOf(of))
    const expected = scalarEntry(`${name}(range)`).evaluate([range], [type], subtype)
    expect(found, `${name} of ${String(range)}`).toBe(BigInt((expected ?? 0) as number | bigint))
  }
}

function made(random: Random): void {
  const of = pick(random, ['int4range', 'int8range'] as const)
  const subtype = rangeSubtypes[of]
  const end = (): Scalar =>
    below(random, 5) === 0 ? null : parseScalar(pick(random, values[of] ?? []), subtype)
  const [from, to] = [end(), end()]
  const lanes = [from, to].flatMap((one) => [
    BigInt((one ?? 0) as number | bigint),
    Number(one !== null),
  ])
  call('rangeOfIntegers', ...lanes, widthOf(of), space(96))
  const found = BigInt(kernels.exports['rangeOfIntegers']!(...lanes, widthOf(of), space(96)))
  const expected = attempt(() =>
    scalarEntry(`${of}(${subtype.kind},${subtype.kind})`).evaluate(
      [from, to],
      [subtype, subtype],
      rangeOf(of),
    ),
  )
  const shown = `${of}(${String(from)}, ${String(to)})`
  if (expected === 'error') expect(found, shown).toBe(-1n)
  else expect(bytesOfView(found), shown).toBe(expectedBytes(expected, rangeOf(of)))
}

const trials = { tests: testsOf, containing, parts: partsOf, made }

conformance(['rangesTest', 'rangeContains', 'rangeTraits', 'rangeBound', 'rangeOfIntegers'], () => {
  test.each(Object.entries(trials))('ranges: %s', (_, trial) => {
    const random = seededRandom(47)
    for (let round = 0; round < ROUNDS; round++) {
      trial(random)
      arena.release()
    }
  })
})
