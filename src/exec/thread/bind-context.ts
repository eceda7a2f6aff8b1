import { assert, present } from '../../base/assert.ts'
import type { Binding, StatePart } from '../../compile/model/context.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import { isInterval, isNumeric } from '../../data/types/scalar.ts'
import { WideNumerics, writeNumericSlot } from '../../data/vectors/numeric-slots.ts'
import { bytesOfScalar } from '../../data/vectors/text-values.ts'
import type { Vector } from '../../data/vectors/vector.ts'
import type { Literal } from '../../plan/logical/expression.ts'
import type { BreakerState, JoinState } from '../jobs/jobs.ts'

/**
 * Writes the lanes of a literal to 16 bytes at an address; text and bytes are kept in the arena.
 */
export function writeLiteral(arena: Arena, at: number, { type, value }: Literal): void {
  const { view } = arena.heap
  assert(value !== null, 'a NULL is a part of the code')
  switch (valueForm(type)) {
    case 'bit':
      return assert(false, 'a truth value is a part of the code') as never
    case 'i32':
      return view.setInt32(at, Number(value), true)
    case 'f32':
      return view.setFloat32(at, Number(value), true)
    case 'f64':
      return view.setFloat64(at, Number(value), true)
    case 'text':
    case 'bytes':
    case 'keyed': {
      const bytes = bytesOfScalar(value, type)
      view.setUint32(at, writeBytes(arena, bytes), true)
      return view.setUint32(at + 4, bytes.length, true)
    }
    case 'interval':
      assert(isInterval(value), 'interval literal of another value')
      view.setInt32(at, value.months, true)
      view.setInt32(at + 4, value.days, true)
      return view.setBigInt64(at + 8, value.micros, true)
    case 'numeric':
      assert(isNumeric(value), 'numeric literal of another value')
      return writeNumericSlot(arena.heap, at, value, () => new WideNumerics(arena))
    case 'i64':
    case 'i128':
      assert(typeof value === 'bigint', `literal of ${type.kind}`)
      return write128(view, at, value)
  }
}

/** Copies bytes into the arena. */
export function writeBytes(arena: Arena, bytes: Uint8Array): number {
  const block = arena.allocate(bytes.length)
  arena.heap.u8.set(bytes, block)
  return block
}

function write128(view: DataView, at: number, value: bigint): void {
  view.setBigInt64(at, BigInt.asIntN(64, value), true)
  view.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true)
}

/** The address of a part of a bound vector. */
export function partOf(vector: Vector, part: (Binding & { kind: 'column' })['part']): number {
  switch (part) {
    case 'values':
      return vector.values
    case 'validity':
      return vector.validity
    case 'offsets':
      return vector.offsets
    case 'dictionary-values':
      return present(vector.dictionary, 'dictionary').values
    case 'dictionary-offsets':
      return present(vector.dictionary, 'dictionary').offsets
  }
}

/** The state of a breaker whose rows a join meets. */
export function joinOf(state: BreakerState): JoinState {
  assert(
    state.kind === 'join-build' || state.kind === 'rows',
    'a join with rows of another breaker',
  )
  return state.join
}

/** What generated code is told of a finished join; bigints take 8 bytes. */
export function joinWord(join: JoinState, part: StatePart): number | bigint {
  switch (part) {
    case 'directory':
      return join.directory
    case 'shift':
      return join.shift
    case 'bloom':
      return join.bloom
    case 'bloom-shift':
      return join.bloomShift
    case 'rank-words':
      return join.rankWords
    case 'rank-rows':
      return join.rankRows
    case 'rank-min':
      return join.rankMin
    case 'rank-span':
      return join.rankSpan
    case 'null-row':
      return join.nullRow
    case 'build-is-empty':
      return join.isEmpty ? 1 : 0
    case 'build-has-null':
      return join.hasNull ? 1 : 0
    case 'pages':
      return join.pageList
    case 'page-count':
      return join.pageCount
    case 'sink':
    case 'single-row':
      return assert(false, `${part} of a finished breaker`) as never
  }
}
