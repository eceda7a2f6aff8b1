import { QueryError } from '../base/errors.ts'
import { float8, int8 } from '../data/types/data-type.ts'
import { scalar } from './define.ts'
import { keep, lane } from './emit.ts'
import type { ScalarFunction } from './function.ts'
import type { InlineContext, InlineForm, Value } from './inline.ts'
import { present } from '../base/assert.ts'
import type { FunctionBuilder, Local } from '../wasm/assembler/function-builder.ts'

/** The mixing of SplitMix64 (Steele, Lea and Flood, 2014), whose output passes tests of randomness for counted inputs. */
const STEP = 0x9e3779b97f4a7c15n
const FIRST = 0xbf58476d1ce4e5b9n
const SECOND = 0x94d049bb133111ebn
/** 53 bits as a part of 1. */
const UNIT = 2 ** -53

function mixed(word: bigint): bigint {
  let z = BigInt.asUintN(64, word)
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * FIRST)
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * SECOND)
  return z ^ (z >> 31n)
}

/** The number of a row and a seed as a number from 0 up to 1: the same on any number of threads. */
function fractionOf(row: bigint, seed: bigint): number {
  return Number(mixed(seed + row * STEP) >> 11n) * UNIT
}

/** Emits: mixes the bits of a word, which stay there. */
function emitMixed(f: FunctionBuilder, word: Local): void {
  const shifts: readonly (readonly [bigint, bigint])[] = [
    [30n, FIRST],
    [27n, SECOND],
  ]
  for (const [bits, factor] of shifts) {
    f.get(word).get(word).i64(bits).op('i64.shr_u').op('i64.xor')
    f.i64(BigInt.asIntN(64, factor)).op('i64.mul').set(word)
  }
  f.get(word).get(word).i64(31n).op('i64.shr_u').op('i64.xor').set(word)
}

const fractionForm: InlineForm = (ctx, [row, seed]) => {
  const { f } = ctx
  const word = f.local('i64')
  f.get(lane(present(seed, 'seed')))
  f.get(lane(present(row, 'row')))
    .i64(BigInt.asIntN(64, STEP))
    .op('i64.mul')
    .op('i64.add')
  f.set(word)
  emitMixed(f, word)
  f.get(word).i64(11n).op('i64.shr_u').op('f64.convert_i64_u').f64(UNIT).op('f64.mul')
  return { lanes: [keep(f, 'f64')] }
}

/** What is NULL raises an error, as TypeScript says. */
function elsewhereIfNull({ f, elsewhere }: InlineContext, value: Value, result: Local): void {
  if (value.valid === undefined) return
  f.get(value.valid).op('i32.eqz').if()
  elsewhere([result])
  f.end()
}

const percentageForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const value = present(args[0], 'percentage')
  const result = f.local('f64')
  f.get(lane(value)).set(result)
  elsewhereIfNull(ctx, value, result)
  f.get(result).f64(0).op('f64.ge').get(result).f64(100).op('f64.le').op('i32.and')
  f.op('i32.eqz').if()
  ctx.elsewhere([result])
  f.end()
  return { lanes: [result] }
}

const seedForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const value = present(args[0], 'seed')
  const word = f.local('i64')
  // Adding 0 turns -0 into 0.
  f.get(lane(value)).f64(0).op('f64.add').op('i64.reinterpret_f64').set(word)
  emitMixed(f, word)
  elsewhereIfNull(ctx, value, word)
  return { lanes: [word] }
}

function checkedPercentage(value: number | null): number {
  if (value === null) {
    throw new QueryError('INVALID_SAMPLE_ARGUMENT', 'TABLESAMPLE parameter cannot be null')
  }
  if (value >= 0 && value <= 100) return value
  throw new QueryError('INVALID_SAMPLE_ARGUMENT', 'sample percentage must be between 0 and 100')
}

function seedOf(value: number | null): bigint {
  if (value === null) {
    const message = 'TABLESAMPLE REPEATABLE parameter cannot be null'
    throw new QueryError('INVALID_SAMPLE_REPEAT', message)
  }
  // -0 is the seed that 0 is.
  const bits = new BigInt64Array(new Float64Array([value + 0]).buffer)
  return BigInt.asIntN(64, mixed(bits[0] ?? 0n))
}

const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value))

/** What TABLESAMPLE and USING SAMPLE are made of. */
export const samplingFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'sample_fraction',
    args: ['int8', 'int8'],
    returns: float8,
    nullResult: 'of-null',
    doc: 'A number from 0 up to 1, 1 excluded, that looks random and follows from a row and a seed.',
    example: 'sample_fraction(1, 42) -- 0.7415648787718233',
    evaluate: ([row, seed]) => fractionOf(BigInt(row as bigint), BigInt(seed as bigint)),
    inline: fractionForm,
  }),
  scalar({
    name: 'sample_percentage',
    args: ['float8'],
    returns: float8,
    nulls: 'called',
    nullResult: 'never',
    raises: true,
    doc: 'A percentage as TABLESAMPLE takes it, from 0 to 100.',
    example: 'sample_percentage(2.5) -- 2.5',
    evaluate: ([value]) => checkedPercentage(numberOrNull(value)),
    inline: percentageForm,
  }),
  scalar({
    name: 'sample_seed',
    args: ['float8'],
    returns: int8,
    nulls: 'called',
    nullResult: 'never',
    raises: true,
    doc: 'The seed of a sample, from the number that REPEATABLE gives.',
    example: 'sample_seed(0) -- 0',
    evaluate: ([value]) => seedOf(numberOrNull(value)),
    inline: seedForm,
  }),
]
