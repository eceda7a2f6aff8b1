import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import { finishSum } from './finish-sum.ts'
import type { EmitScope } from './emit-scope.ts'
import { DEVIATION_BYTES, valueLanes, type RowField } from '../../model/row-layout.ts'
import { loadCells } from './state-cells.ts'

/** The column that a state yields: its value so far, converted to the aggregate's type. */
export function loadStateField(scope: EmitScope, row: Local, field: RowField): Value {
  const { f } = scope
  const state = present(field.state, 'field without a state')
  const { lanes, seen: valid } = loadCells(f, row, field)
  const base = { type: field.type, valid, range: undefined }
  if (state.accumulator === 'deviation' || state.accumulator === 'deviation-merge') {
    const isPartial = field.type.kind === 'bytea'
    const lane = isPartial ? deviationView(f, row, field.lanes[0]!.offset) : lanes[2]!
    return { ...base, lanes: [lane] }
  }
  // A value was made of it before anyone reads it.
  const first = valueLanes(state)
  if (first !== undefined) return { ...base, lanes: lanes.slice(first) }
  if (state.accumulator === 'bool-and') {
    f.get(lanes[0]!).op('i32.eqz').set(lanes[0]!)
    return { ...base, lanes }
  }
  if (state.sum === undefined) return { ...base, lanes }
  return { ...base, lanes: finishSum(scope, state.sum, state, field.type, lanes) }
}

/** The bytes of the state at an address, as a view. */
function deviationView(f: FunctionBuilder, row: Local, offset: number): Local {
  const view = f.local('i64')
  f.get(row).i32(offset).op('i32.add').op('i64.extend_i32_u')
  f.i64(BigInt(DEVIATION_BYTES) << 32n)
    .op('i64.or')
    .set(view)
  return view
}
