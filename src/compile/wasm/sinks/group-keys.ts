import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { emitSame } from '../scope/compare-values.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { keepText } from '../scope/keep-text.ts'
import type { RowField } from '../../model/row-layout.ts'
import { loadField, storeField } from '../scope/values.ts'

/** Pushes 1 when the keys equal those of a row. */
export function emitKeysSame(
  scope: EmitScope,
  keys: readonly Value[],
  row: Local,
  fields: readonly RowField[],
): void {
  const { f } = scope
  const kernel = scope.kernel.bind(scope)
  keys.forEach((key, position) => {
    emitSame(f, kernel, key, loadField(f, row, present(fields[position], 'field of a key')))
    if (position > 0) f.op('i32.and')
  })
}

/** Stores the keys in a new row; `stableKeys[i]`: key i's text outlives the batch. */
export function keepKeys(
  scope: EmitScope,
  keys: readonly Value[],
  row: Local,
  fields: readonly RowField[],
  stableKeys: readonly boolean[],
): void {
  keys.forEach((key, position) => {
    const kept = stableKeys[position] === true ? key : keepText(scope, key)
    storeField(scope.f, row, present(fields[position], 'field of a key'), kept)
  })
}
