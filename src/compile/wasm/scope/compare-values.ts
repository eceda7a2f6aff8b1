import { assert, present } from '../../../base/assert.ts'
import { valueForm } from '../../../data/types/catalogue.ts'
import { canonicalDouble, keyLane } from '../../../functions/emit.ts'
import { pushComparison } from '../../../functions/operators/comparison-inline.ts'
import type { CodeContext, Value } from '../../../functions/inline.ts'
import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import { withAllLanes, type ImportKernel } from './values.ts'

const HASH_MULTIPLIER = 0x9e3779b97f4a7c15n
const NULL_HASH = 0x5851f42d4c957f2dn

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
    emitHashBits(f, kernel, withAllLanes(f, key), bits)
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
  const form = valueForm(key.type)
  f.get(form === 'keyed' ? keyLane(f, key) : first)
  switch (form) {
    case 'bit':
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
    case 'bytes':
    case 'keyed':
      f.call(kernel('textHash'))
      break
    case 'numeric':
    case 'interval':
      f.get(present(second, 'second lane')).call(kernel(`${form}Hash`))
      break
    case 'i64':
    case 'i128':
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
  pushComparison(comparing(f, kernel), '=', left, right)
}

/** Pushes 1 when left sorts before right, both non-NULL; NaN is above all numbers. */
export function emitLess(
  f: FunctionBuilder,
  kernel: ImportKernel,
  left: Value,
  right: Value,
): void {
  pushComparison(comparing(f, kernel), '<', left, right)
}

/** Values of one type and scale: nothing is brought to another, so nothing is raised. */
function comparing(f: FunctionBuilder, kernel: ImportKernel): CodeContext {
  const never = (): never => assert(false, 'values of two scales compared') as never
  return { f, kernel, raise: never, allocateText: never }
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
