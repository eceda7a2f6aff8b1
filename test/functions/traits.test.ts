import { describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { seededRandom } from '../../src/base/world.ts'
import {
  arrayOf,
  plainType,
  recordOf,
  regOf,
  decimal,
  type DataType,
  type TypeKind,
} from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import type { ValueBounds } from '../../src/data/types/value-bounds.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { negatedFunction } from '../../src/functions/operators/comparisons.ts'
import type { ScalarFunction } from '../../src/functions/function.ts'
import { integerValue } from '../../src/plan/optimizer/integer-value.ts'
import { randomScalar } from '../compile/random-values.ts'
import { weekday } from './weekday.ts'

const scalarFunctions = builtInFunctions.scalar.all

const CALLS = 60
const seed = Math.floor(Math.random() * 2 ** 31)
const random = seededRandom(seed)

function typeOf(kind: TypeKind | 'any'): DataType {
  if (kind === 'any') return { kind: 'int4' }
  if (kind === 'array') return arrayOf({ kind: 'numeric' })
  if (kind === 'range' || kind === 'multirange') return { kind, of: 'int4range' }
  if (kind === 'enum') return weekday
  if (kind === 'reg') return regOf('regclass')
  if (kind === 'record') return recordOf([{ name: 'f1', type: { kind: 'int4' } }])
  return kind === 'decimal' ? decimal(8, 2) : plainType(kind)
}

interface Sample {
  readonly args: readonly Scalar[]
  readonly types: readonly DataType[]
  readonly result: DataType
}

function sampleOf(fn: ScalarFunction, nullShare: number): Sample {
  const types = fn.args.map(typeOf)
  const result = typeof fn.returns === 'function' ? fn.returns(types) : fn.returns
  return { args: types.map((type) => randomScalar(random, type, nullShare)), types, result }
}

/** The value of a call, as the engine has it for NULL arguments; undefined where it raises. */
function valueOf(fn: ScalarFunction, { args, types, result }: Sample): Scalar | undefined {
  if (fn.nulls === 'strict' && args.includes(null)) return null
  try {
    return fn.evaluate(args, types, result)
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}

function withTrait(
  has: (fn: ScalarFunction) => boolean,
): readonly (readonly [string, ScalarFunction])[] {
  return scalarFunctions.filter(has).map((fn) => [fn.id, fn])
}

describe(`traits say what the functions do (seed ${seed})`, () => {
  test.each(withTrait(({ negated }) => negated !== undefined))('%s is negated', (_, fn) => {
    const opposite = negatedFunction(fn)!
    for (let call = 0; call < CALLS; call++) {
      const sample = sampleOf(fn, 0.2)
      const value = valueOf(fn, sample)
      const expected = value === null ? null : value !== true
      expect(valueOf(opposite, sample), JSON.stringify(sample.args.map(String))).toBe(expected)
    }
  })

  test.each(
    withTrait(
      ({ name, args, identity }) => identity === true || (name === '+' && args.length === 1),
    ),
  )('%s gives its argument', (_, fn) => {
    expect(fn).toMatchObject({ identity: true, raises: false, volatility: 'immutable' })
    for (let call = 0; call < CALLS; call++) {
      const sample = sampleOf(fn, 0.2)
      expect(sample.types).toEqual([sample.result])
      expect(valueOf(fn, sample)).toEqual(sample.args[0])
    }
  })

  test.each(withTrait(({ commuted }) => commuted !== undefined))('%s commutes', (_, fn) => {
    const other = scalarFunctions.find(
      ({ name, args }) => name === fn.commuted && args.join() === fn.args.toReversed().join(),
    )!
    for (let call = 0; call < CALLS; call++) {
      const sample = sampleOf(fn, 0.2)
      const turned = { ...sample, args: sample.args.toReversed() }
      expect(valueOf(other, turned)).toBe(valueOf(fn, sample))
    }
  })

  test.each(withTrait(({ nullResult }) => nullResult !== 'any'))('%s: its NULLs', (_, fn) => {
    for (let call = 0; call < CALLS; call++) {
      const sample = sampleOf(fn, fn.nullResult === 'never' ? 0.5 : 0)
      expect(valueOf(fn, sample), sample.args.map(String).join()).not.toBeNull()
    }
  })

  test.each(withTrait(({ bounds }) => bounds !== undefined))('%s: its bounds', (_, fn) => {
    for (let call = 0; call < CALLS; call++) {
      const low = sampleOf(fn, 0)
      const high = sampleOf(fn, 0)
      const ranges = low.args.map((arg, i): ValueBounds | undefined => {
        const [a, b] = [
          integerValue(arg, low.types[i]!),
          integerValue(high.args[i]!, low.types[i]!),
        ]
        if (a === undefined || b === undefined) return undefined
        return a < b ? { min: a, max: b } : { min: b, max: a }
      })
      const args = ranges.flatMap((bounds, i) => (bounds ? [{ bounds, type: low.types[i]! }] : []))
      if (args.length < ranges.length) continue
      const bounds = fn.bounds!(args, low.result)
      // Every corner, and a point between.
      for (const sample of [low, high, { ...low, args: [low.args[0]!, high.args[1]!] }]) {
        const given = { ...sample, args: sample.args.slice(0, fn.args.length) }
        const value = integerValue(valueOf(fn, given) ?? null, low.result)
        if (bounds === undefined || value === undefined) continue
        expect(value >= bounds.min && value <= bounds.max, given.args.map(String).join()).toBe(true)
      }
    }
  })
})
