import { assert } from '../../base/assert.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { ValueForm } from '../../data/types/catalogue/entry.ts'
import type { DataType } from '../../data/types/data-type.ts'
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

/** A look-up in the set that the run made of the members. */
export function compileInSet(scope: CodeScope, expr: InSet, arg: Value): Value {
  const { f } = scope
  const { type, hasNull } = expr
  f.get(scope.memberSet(expr))
  const form = memberForm(arg.type)
  if (form === 'word') {
    pushWord(scope, arg)
    f.call(scope.kernel('wordSetHas'))
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
