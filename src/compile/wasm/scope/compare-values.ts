import { assert } from '../../../base/assert.ts'
import type { TypeKind } from '../../../data/types/data-type.ts'
import { canonicalDouble } from '../../../functions/emit.ts'
import type { Value } from '../../../functions/inline.ts'
import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import { widen, type ImportKernel } from './values.ts'

const HASH_MULTIPLIER = 0x9e3779b97f4a7c15n
const NULL_HASH = 0x5851f42d4c957f2dn

/** How values of a type are hashed and compared; `wide`: an i64, of which decimals may have a second. */
const forms = {
  bool: 'i32',
  int2: 'i32',
  int4: 'i32',
  date: 'i32',
  int8: 'wide',
  decimal: 'wide',
  time: 'wide',
  timestamp: 'wide',
  timestamptz: 'wide',
  float4: 'f32',
  float8: 'f64',
  numeric: 'numeric',
  interval: 'interval',
  text: 'text',
  bytea: 'text',
  unknown: 'text',
} as const satisfies Readonly<Record<TypeKind, string>>

/**
 * Computes the 32-bit hash of keys (multiply and fold, after wyhash). Values that SQL calls equal hash
 * alike: -0 and 0, all NaNs, numerics of other scale, intervals of equal length.
 */
export function emitHash(f: FunctionBuilder, kernel: ImportKernel, keys: readonly Value[]): Local {
  const hash = f.local('i64')
  beginHash(f, hash)
  addToHash(f, kernel, keys, hash)
  const short = shortHash(f, hash)
  f.release(hash)
  return short
}

/** The same in parts, as many keys are hashed by several functions. */
export function beginHash(f: FunctionBuilder, hash: Local): void {
  f.i64(NULL_HASH).set(hash)
}

export function addToHash(
  f: FunctionBuilder,
  kernel: ImportKernel,
  keys: readonly Value[],
  hash: Local,
): void {
  for (const key of keys) {
    const bits = f.local('i64')
    emitHashBits(f, kernel, widen(f, key), bits)
    if (key.valid !== undefined) {
      f.get(bits).i64(NULL_HASH).get(key.valid).op('select').set(bits)
    }
    f.get(hash).get(bits).op('i64.xor').i64(HASH_MULTIPLIER).op('i64.mul').set(hash)
    f.get(hash).get(hash).i64(32n).op('i64.shr_u').op('i64.xor').set(hash)
    f.release(bits)
  }
}

export function shortHash(f: FunctionBuilder, hash: Local): Local {
  const short = f.local('i32')
  f.get(hash).i64(HASH_MULTIPLIER).op('i64.mul').i64(32n).op('i64.shr_u').op('i32.wrap_i64')
  f.set(short)
  return short
}

function emitHashBits(f: FunctionBuilder, kernel: ImportKernel, key: Value, bits: Local): void {
  const [first, second] = key.lanes
  assert(first !== undefined, 'value without lanes')
  f.get(first)
  switch (forms[key.type.kind]) {
    case 'i32':
      f.op('i64.extend_i32_s')
      break
    case 'f32':
      f.op('f64.promote_f32')
      canonicalDouble(f)
      break
    case 'f64':
      canonicalDouble(f)
      break
    case 'text':
      f.call(kernel('textHash'))
      break
    case 'numeric':
      f.get(second!).call(kernel('numericHash'))
      break
    case 'interval':
      f.get(second!).call(kernel('intervalHash'))
      break
    case 'wide':
      if (second !== undefined) f.get(second).i64(HASH_MULTIPLIER).op('i64.mul').op('i64.xor')
      break
  }
  f.set(bits)
}

/** Pushes 1 when two non-NULL values of one type are equal as SQL sees it. */
export function emitEqual(
  f: FunctionBuilder,
  kernel: ImportKernel,
  left: Value,
  right: Value,
): void {
  const [a, b] = [widen(f, left), widen(f, right)]
  const [x, y] = [a.lanes[0]!, b.lanes[0]!]
  const form = forms[a.type.kind]
  switch (form) {
    case 'i32':
      f.get(x).get(y).op('i32.eq')
      return
    case 'f32':
    case 'f64':
      f.get(x).get(y).op(`${form}.eq`)
      f.get(x).get(x).op(`${form}.ne`).get(y).get(y).op(`${form}.ne`).op('i32.and').op('i32.or')
      return
    case 'text':
      f.get(x).get(y).call(kernel('textEqual'))
      return
    case 'numeric':
    case 'interval':
      emitThreeWay(f, kernel, a, b)
      f.op('i32.eqz')
      return
    case 'wide':
      f.get(x).get(y).op('i64.eq')
      if (a.lanes[1] !== undefined) {
        f.get(a.lanes[1]).get(b.lanes[1]!).op('i64.eq').op('i32.and')
      }
  }
}

/** Pushes a negative, zero or positive i32: the order of two text, numeric or interval values. */
function emitThreeWay(f: FunctionBuilder, kernel: ImportKernel, left: Value, right: Value): void {
  for (const value of [left, right]) for (const lane of value.lanes) f.get(lane)
  const { kind } = left.type
  if (kind === 'numeric' || kind === 'interval') {
    f.call(kernel(`${kind}Order`))
  } else f.call(kernel('textOrder'))
}

/** Pushes 1 when left sorts before right, both non-NULL; NaN is above all numbers. */
export function emitLess(
  f: FunctionBuilder,
  kernel: ImportKernel,
  left: Value,
  right: Value,
): void {
  const [a, b] = [widen(f, left), widen(f, right)]
  const [x, y] = [a.lanes[0]!, b.lanes[0]!]
  const form = forms[a.type.kind]
  switch (form) {
    case 'i32':
      f.get(x).get(y).op('i32.lt_s')
      return
    case 'f32':
    case 'f64':
      f.get(x).get(y).op(`${form}.lt`)
      f.get(x).get(x).op(`${form}.eq`).get(y).get(y).op(`${form}.ne`).op('i32.and').op('i32.or')
      return
    case 'text':
    case 'numeric':
    case 'interval':
      emitThreeWay(f, kernel, a, b)
      f.i32(0).op('i32.lt_s')
      return
    case 'wide':
      if (a.lanes[1] === undefined) {
        f.get(x).get(y).op('i64.lt_s')
        return
      }
      f.get(x).get(y).op('i64.lt_u')
      f.get(a.lanes[1]).get(b.lanes[1]!).op('i64.lt_s')
      f.get(a.lanes[1]).get(b.lanes[1]!).op('i64.eq').op('select')
  }
}

/** Pushes 1 when both are NULL or both are equal values. */
export function emitSame(
  f: FunctionBuilder,
  kernel: ImportKernel,
  left: Value,
  right: Value,
): void {
  if (left.valid === undefined && right.valid === undefined) {
    emitEqual(f, kernel, left, right)
    return
  }
  const bothValid = f.local('i32')
  for (const value of [left, right]) {
    if (value.valid === undefined) f.i32(1)
    else f.get(value.valid)
  }
  f.op('i32.and').tee(bothValid).if('i32')
  emitEqual(f, kernel, left, right)
  f.else()
  for (const value of [left, right]) {
    if (value.valid === undefined) f.i32(1)
    else f.get(value.valid)
  }
  f.op('i32.or').op('i32.eqz')
  f.end()
  f.release(bothValid)
}
