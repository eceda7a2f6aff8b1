import { assert } from '../../base/assert.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { ValueForm } from '../../data/types/catalogue/entry.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { canonicalDouble, keep, keyLane, lane } from '../../functions/emit.ts'
import { widen } from '../../functions/emit-wide.ts'
import type { Value } from '../../functions/inline.ts'
import type { InSet } from '../../plan/logical/expression.ts'
import type { CodeScope } from './scope.ts'

/** How a set holds its members: as one word each, or as two of which a kernel knows what is equal. */
export type MemberForm = 'word' | 'pair' | 'text' | 'numeric' | 'interval'

const membersOfForms: Readonly<Record<ValueForm, MemberForm>> = {
  bit: 'word',
  i32: 'word',
  i64: 'word',
  i128: 'pair',
  f32: 'word',
  f64: 'word',
  numeric: 'numeric',
  interval: 'interval',
  text: 'text',
  bytes: 'text',
  keyed: 'text',
}

export function memberForm(type: DataType): MemberForm {
  return membersOfForms[valueForm(type)]
}

/** Where a set of words has what, see wasm/kernels/assembly/sets.ts. */
export const wordSet = {
  bits: 4,
  free: 8,
  least: 16,
  span: 24,
  bitsMask: 32,
  headerBytes: 40,
} as const

const HASH_MULTIPLIER = 0x9e3779b97f4a7c15n

/** A look-up in the set that the run made of the members. */
export function compileInSet(scope: CodeScope, expr: InSet, arg: Value): Value {
  const { f } = scope
  const { type, hasNull } = expr
  const set = scope.memberSet(expr)
  const form = memberForm(arg.type)
  if (form !== 'word') f.get(set)
  if (form === 'word') {
    pushWord(scope, arg)
    pushHasWord(scope, set)
  } else if (form === 'text') {
    const view = valueForm(arg.type) === 'keyed' ? keyLane(f, arg) : lane(arg)
    f.get(view).call(scope.kernel('textSetHas'))
  } else {
    const { low, high } = widen(scope, arg)
    f.get(low).get(high)
    f.call(scope.kernel(`${form}SetHas`))
  }
  const found = keep(f, 'i32')
  if (!hasNull) return { type, lanes: [found], valid: arg.valid, range: undefined }
  // What is not among the others may be the NULL among them.
  if (arg.valid === undefined) return { type, lanes: [found], valid: found, range: undefined }
  f.get(found).get(arg.valid).op('i32.and')
  return { type, lanes: [found], valid: keep(f, 'i32'), range: undefined }
}

/**
 * Turns the word on the stack into whether a set has it. Where members are near each other their bits tell, else
 * the bits of hashes tell of most words that they are none.
 */
function pushHasWord(scope: CodeScope, set: Local): void {
  const { f } = scope
  const [word, span, found, at] = [f.local('i64'), f.local('i64'), f.local('i32'), f.local('i32')]
  const bit = (): void => {
    f.get(set).memory('i32.load', wordSet.bits)
    f.get(at).i32(3).op('i32.shr_u').op('i32.add').memory('i32.load8_u')
    f.get(at).i32(7).op('i32.and').op('i32.shr_u').i32(1).op('i32.and').set(found)
  }
  f.set(word)
  f.get(set).memory('i64.load', wordSet.span).tee(span)
  f.op('i64.eqz').if()
  f.get(word).i64(HASH_MULTIPLIER).op('i64.mul').i64(32n).op('i64.shr_u').op('i32.wrap_i64')
  f.get(set).memory('i32.load', wordSet.bitsMask).op('i32.and').set(at)
  bit()
  f.get(found).if()
  f.get(set).get(word).call(scope.kernel('wordSetHas')).set(found)
  f.end()
  f.else()
  // The bit behind the last one is that of all numbers outside.
  f.get(word).get(set).memory('i64.load', wordSet.least).op('i64.sub').set(word)
  f.get(word).get(span).get(word).get(span).op('i64.lt_u').op('select').op('i32.wrap_i64').set(at)
  bit()
  f.end()
  f.get(found)
  for (const local of [word, span, found, at]) f.release(local)
}

/** Pushes the word that is the same for values that SQL calls equal. */
function pushWord({ f }: CodeScope, arg: Value): void {
  const local = lane(arg)
  f.get(local)
  switch (f.typeOf(local)) {
    case 'i32':
      f.op('i64.extend_i32_s')
      return
    case 'f32':
      f.op('f64.promote_f32')
      canonicalDouble(f)
      return
    case 'f64':
      canonicalDouble(f)
      return
    case 'i64':
      return
    case 'v128':
      assert(false, 'a word of 128 bits')
  }
}
