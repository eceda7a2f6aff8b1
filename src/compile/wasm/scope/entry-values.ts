import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { ColumnId, Expression } from '../../../plan/logical/expression.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { traitsOf } from '../../expressions/expression-traits.ts'
import { layOutRow, type RowField, type RowLayout } from '../../model/row-layout.ts'
import { byEntry, type CodedColumn } from '../../shape/by-entry.ts'
import type { EmitScope } from './emit-scope.ts'
import { keepBytes } from './keep-text.ts'
import { loadCode, loadValidity } from './load-column.ts'
import type { PipelineModule } from './pipeline-module.ts'
import { emitStore, loadByte, loadLane, withAllLanes } from './values.ts'

/**
 * The values of an expression by the entries of a dictionary, found when a row first has one. The table
 * begins with where texts of its values go on, then come the cells: that of NULL, and one for each code.
 */
export interface EntryValues extends CodedColumn {
  readonly expr: Expression
  /** Counts the module's tables. */
  readonly number: number
  readonly cell: RowLayout
}

/** What the byte behind the lanes of a cell says; 0 is not known yet. */
export const cellStates = { isNull: 1, isValid: 2 } as const

/** The next free byte for texts and the end of these, before the first cell. */
export const entryTableHeader = { cursor: 0, end: 4, bytes: 16 } as const

/** A cell's lanes and its state. */
export function cellLayout(expr: Expression): RowLayout {
  return layOutRow(0, [{ id: 0 as ColumnId, type: expr.type, nullable: true }])
}

/** The table of an expression whose value is found once for each entry; undefined for others. */
export function entryValuesOf(module: PipelineModule, expr: Expression): EntryValues | undefined {
  const coded = byEntry(module, expr)
  if (coded === undefined) return undefined
  const known = module.entryValues.indexOf(expr)
  const number = known >= 0 ? known : module.entryValues.push(expr) - 1
  return { ...coded, expr, number, cell: cellLayout(expr) }
}

/**
 * Emits the look-up for the current row. What is not known yet is found by code where there is all of it,
 * else by the thread; only for rows that the guard lets through, as it may raise.
 */
export function emitEntryValue(
  scope: EmitScope,
  values: EntryValues,
  guard: Local | undefined,
  compute: () => Value,
): Value {
  const { f, module } = scope
  const { place, layout, nullable, cell, number, expr } = values
  const field = present(cell.fields[0], 'field of a cell')
  const stateOffset = present(field.validOffset, 'state of a cell')
  const table = scope.word(
    module.context.word({ kind: 'entry-values', source: 0, column: place.index, number }),
  )
  const [slot, at] = [f.local('i32'), f.local('i32')]
  const code = loadCode(scope, place, layout)
  f.get(code).i32(1).op('i32.add')
  if (nullable) f.i32(0).get(loadValidity(scope, place)).op('select')
  f.set(slot)
  f.get(slot).i32(cell.rowBytes).op('i32.mul').i32(entryTableHeader.bytes).op('i32.add')
  f.get(table).op('i32.add').set(at)
  const state = loadByte(f, at, stateOffset)
  f.get(state).op('i32.eqz')
  if (guard !== undefined) f.get(guard).op('i32.and')
  f.if()
  let range: Value['range']
  scope.branch(() => {
    if (traitsOf(expr).isAllInline) range = emitFound(scope, values, field, table, at, compute())
    else {
      f.i32(number).get(slot)
      module.callHost(f, 'evaluateEntry')
    }
  })
  f.get(at).memory('i32.load8_u', stateOffset).set(state)
  f.end()
  f.release(slot)
  const lanes = field.lanes.map((lane) => loadLane(f, at, lane))
  f.get(state).i32(cellStates.isValid).op('i32.eq').set(state)
  return { type: expr.type, lanes, valid: state, range }
}

/** Keeps a value that was computed in its cell. */
function emitFound(
  scope: EmitScope,
  { number }: EntryValues,
  field: RowField,
  table: Local,
  at: Local,
  value: Value,
): Value['range'] {
  const { f, module } = scope
  const kept = keepBytes(scope, withAllLanes(f, value), {
    pushCursor: () => f.get(table),
    more(bytes) {
      f.i32(number)
      bytes()
      module.callHost(f, 'moreEntryText')
    },
  })
  field.lanes.forEach((lane, index) => {
    f.get(at).get(present(kept.lanes[index], 'lane of a value'))
    emitStore(f, lane.type, lane.offset)
  })
  f.get(at)
  if (value.valid === undefined) f.i32(cellStates.isValid)
  else f.get(value.valid).i32(1).op('i32.add')
  f.memory('i32.store8', present(field.validOffset, 'state of a cell'))
  return value.range
}
