import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { PhysicalAggregateCall } from '../../../plan/physical/plan.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression, compilePredicate } from '../../expressions/expression.ts'
import { emitMerge, emitUpdate } from './aggregate-states.ts'
import { addToHash, beginHash, emitHash, shortHash } from '../scope/compare-values.ts'
import { emitBulkUpdate } from './emit-bulk.ts'
import { BATCH_ROWS, contextWords, sinkWords } from '../../model/context.ts'
import type { DenseShape } from '../../model/shapes.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { FunctionScope } from '../scope/function-scope.ts'
import { emitCachedGroup, emitGroupOfValue, groupingColumn, groupingSource } from './group-cache.ts'
import { emitKeysSame } from './group-keys.ts'
import { callFind, defineFind, type FindGroup } from './group-table.ts'
import { canLookUpFirst, emitLookUp, pushEntry, type LookedUp } from './looked-up-groups.ts'
import { isStableText } from '../scope/keep-text.ts'
import { loadCode, loadValidity } from '../scope/load-column.ts'
import type { AggregateSink, GroupTable } from '../../model/pipeline.ts'
import type { PipelineModule } from '../scope/pipeline-module.ts'
import { groupHeader, type RowField } from '../../model/row-layout.ts'
import { emitLoop, enterRow, FIRST, ROWS, type LegContext } from '../scope/leg-loop.ts'
import { localCells, memoryCells, type StateCells } from '../scope/state-cells.ts'
import { loadField, withAllLanes } from '../scope/values.ts'
import { emitWideLoad, storeKeys, type WideKeys } from './wide-keys.ts'
import { emitFold } from './fold-state.ts'
import { emitKeptRow } from './kept-rows.ts'

/** Adds the rows of a batch to the groups of every table of the sink. */
export function emitAggregate(leg: LegContext, sink: AggregateSink): void {
  const { module, scope } = leg
  const finishers: (() => void)[] = []
  const updaters = sink.tables.map((table, index) => {
    if (table.keys.length === 0) return singleRows(leg, table, finishers)
    const stable = table.keys.map((key) => isStableText(module, key))
    const find = findOf(leg, table, index, stable)
    if (table.aggregates.length > FUNCTION_CALLS_MAX) {
      return groupsFirst(leg, table, finishers, (row) => emitGroup(leg, table, index, find, row))
    }
    return (row: Local) => {
      const group = emitGroup(leg, table, index, find, row)
      const fields = table.layout.fields.slice(table.keys.length)
      emitUpdates(scope, table, (call) => memoryCells(scope.f, group, fields[call]!))
    }
  })
  const needed = updaters.filter((update) => update !== undefined)
  if (needed.length > 0) emitLoop(leg, (row) => needed.forEach((update) => update(row)))
  for (const finish of finishers) finish()
}

/** How groups are found; those that are there already are looked up for the whole batch, where that pays. */
function findOf(
  leg: LegContext,
  table: GroupTable,
  index: number,
  stable: readonly boolean[],
): Finding {
  const find = defineFind(leg.module, table, index, stable)
  const isRemembered = groupingSource(leg.module, table) ?? groupingColumn(leg, table)
  const isDense = index === 0 && leg.module.pipeline.chunk.dense !== undefined
  if (isDense || find.wide !== undefined || isRemembered !== undefined) return find
  return canLookUpFirst(leg, table) ? { ...find, lookedUp: emitLookUp(leg, table) } : find
}

interface Finding extends FindGroup {
  readonly lookedUp?: LookedUp
}

/**
 * Aggregates that one function updates: the engine's first compiler keeps the place of each local at
 * each branch.
 */
const FUNCTION_CALLS_MAX = 64

/** The aggregates of a table without keys: where there are many, by a function for some of them each. */
function singleRows(
  leg: LegContext,
  table: GroupTable,
  finishers: (() => void)[],
): (() => void) | undefined {
  const calls = [...table.aggregates.keys()]
  if (calls.length <= FUNCTION_CALLS_MAX) return singleRow(leg, table, calls, finishers)
  emitInParts(leg, table, (own, part) => {
    const ends: (() => void)[] = []
    const update = singleRow(own, table, part, ends)
    if (update !== undefined) emitLoop(own, update)
    for (const end of ends) end()
  })
  return undefined
}

/** Finds the group of each row of the batch, and then lets functions of some aggregates each add it. */
function groupsFirst(
  leg: LegContext,
  table: GroupTable,
  finishers: (() => void)[],
  find: (row: Local) => Local,
): (row: Local) => void {
  const groups = leg.module.context.scratch(BATCH_ROWS * 4)
  const fields = table.layout.fields.slice(table.keys.length)
  const slotOf = ({ f, scope }: LegContext, row: Local): void => {
    f.get(scope.ctx).get(row).i32(2).op('i32.shl').op('i32.add')
  }
  finishers.push(() => {
    emitInParts(leg, table, (own, part) => {
      emitLoop(own, (row) => {
        const group = own.f.local('i32')
        slotOf(own, row)
        own.f.memory('i32.load', groups).set(group)
        emitUpdates(own.scope, table, (call) => memoryCells(own.f, group, fields[call]!), part)
      })
    })
  })
  return (row) => {
    const group = find(row)
    slotOf(leg, row)
    leg.f.get(group).memory('i32.store', groups)
  }
}

/** Emits a function for some of the aggregates each, and calls them for the batch. */
function emitInParts(
  leg: LegContext,
  { aggregates }: GroupTable,
  emit: (own: LegContext, part: readonly number[]) => void,
): void {
  const { f, scope, module } = leg
  const calls = [...aggregates.keys()]
  for (let from = 0; from < calls.length; from += FUNCTION_CALLS_MAX) {
    const part = module.builder.defineFunction(['i32', 'i32', 'i32'], [])
    const own = { ...leg, f: part.builder, scope: new FunctionScope(module, part.builder) }
    emit(own, calls.slice(from, from + FUNCTION_CALLS_MAX))
    f.get(scope.ctx).get(f.param(FIRST)).get(f.param(ROWS)).call(part.index)
  }
}

/**
 * Without keys there is one row: its states live in locals during a batch. Returns the update by one
 * row, undefined where a batch is taken at once.
 */
function singleRow(
  leg: LegContext,
  table: GroupTable,
  calls: readonly number[],
  finishers: (() => void)[],
): (() => void) | undefined {
  const { f, scope, module } = leg
  const { breaker } = table
  const row = scope.word(module.context.word({ kind: 'state', breaker, part: 'single-row' }))
  const cells = new Map(
    calls.map((call) => [call, localCells(f, row, present(table.layout.fields[call], 'field'))]),
  )
  finishers.push(() => cells.forEach((cell) => cell.writeBack()))
  const cellsOf = (call: number): StateCells => present(cells.get(call), 'cells of an aggregate')
  const single = calls.flatMap((index) => {
    const call = present(table.aggregates[index], 'aggregate')
    const state = present(table.layout.fields[index]?.state, 'aggregate without a state')
    return emitBulkUpdate(leg, call, state, cellsOf(index)) ? [] : index
  })
  return single.length === 0 ? undefined : () => emitUpdates(scope, table, cellsOf, single)
}

function emitUpdates(
  scope: EmitScope,
  table: GroupTable,
  cellsOf: (call: number) => StateCells,
  calls: readonly number[] = [...table.aggregates.keys()],
): void {
  calls.forEach((index) => {
    const call = present(table.aggregates[index], 'aggregate')
    const cells = cellsOf(index)
    if (call.filter === undefined) return emitCall(scope, table, call, index, cells)
    const keep = compilePredicate(scope, call.filter)
    scope.f.get(keep).if()
    scope.branch(() => emitCall(scope, table, call, index, cells))
    scope.f.end()
  })
}

function emitCall(
  scope: EmitScope,
  table: GroupTable,
  call: PhysicalAggregateCall,
  index: number,
  cells: StateCells,
): void {
  const field = present(table.layout.fields[table.keys.length + index], 'field of an aggregate')
  const state = present(field.state, 'aggregate without a state')
  if (call.kept !== undefined && state.kept !== undefined) {
    return emitKeptRow(scope, call.kept, state.kept, cells)
  }
  if (call.kept !== undefined) return emitFold(scope, call.kept, state, cells)
  const before = scope.blame(call.arg)
  const value = call.arg === undefined ? undefined : compileExpression(scope, call.arg)
  const stable = call.arg !== undefined && isStableText(scope.module, call.arg)
  emitUpdate(scope, state, cells, value, value?.valid, stable)
  scope.blame(before)
}

/** The address of the group of the batch's current row, which has that number. */
function emitGroup(
  leg: LegContext,
  table: GroupTable,
  index: number,
  find: Finding,
  number: Local,
): Local {
  const hashed = (): Local => emitHashedGroup(leg, table, find, number)
  const dense = index === 0 ? leg.module.pipeline.chunk.dense : undefined
  if (dense === undefined) {
    const source = groupingSource(leg.module, table)
    if (source !== undefined) return emitCachedGroup(leg, source, hashed)
    const column = groupingColumn(leg, table)
    return column === undefined ? hashed() : emitGroupOfValue(leg, column, hashed)
  }
  const { f, scope, module } = leg
  const [slot, row] = [f.local('i32'), f.local('i32')]
  f.get(scope.word(contextWords.denseDirectory))
  dense.forEach((key, position) => {
    const stride = module.context.word({ kind: 'dense-stride', key: position })
    emitCode(scope, key, position, present(table.keys[position], 'dense key'))
    f.get(scope.word(stride)).op('i32.mul').op('i32.add')
  })
  f.tee(slot).memory('i32.load').tee(row).op('i32.eqz').if()
  scope.branch(() => {
    f.get(slot).get(hashed()).tee(row).memory('i32.store')
  })
  f.end()
  f.release(slot)
  return row
}

/** Pushes a key's code: 0 for NULL when that can be, then the values counted up. */
function emitCode(scope: EmitScope, key: DenseShape, position: number, expr: Expression): void {
  const { f } = scope
  if (key.kind === 'dictionary') {
    f.get(loadCode(scope, key.place, key.layout))
    if (key.nullable) {
      f.i32(1).op('i32.add').i32(0)
      f.get(loadValidity(scope, key.place)).op('select')
    }
    return
  }
  const value = compileExpression(scope, expr)
  const base = scope.module.context.word({ kind: 'dense-base', key: position })
  f.get(value.lanes[0]!)
  if (f.typeOf(value.lanes[0]!) === 'i64') {
    f.get(scope.wideWord(base)).op('i64.sub').op('i32.wrap_i64')
  } else f.get(scope.word(base)).op('i32.sub')
  if (!key.nullable) return
  f.i32(1).op('i32.add')
  if (value.valid !== undefined) f.i32(0).get(value.valid).op('select')
}

function emitHashedGroup(leg: LegContext, table: GroupTable, find: Finding, number: Local): Local {
  const { f, scope, module } = leg
  const { breaker } = table
  if (find.wide !== undefined) return emitWideGroup(leg, table, find, find.wide, number)
  const fields = table.layout.fields
  const kernel = scope.kernel.bind(scope)
  const keys = table.keys.map((key) => withAllLanes(f, compileExpression(scope, key)))
  const sink = scope.word(module.context.word({ kind: 'state', breaker, part: 'sink' }))
  const { lookedUp } = find
  const hash = lookedUp === undefined ? emitHash(f, kernel, keys) : f.local('i32')
  if (lookedUp !== undefined) {
    pushEntry(leg, number, lookedUp.hashes)
    f.set(hash)
  }
  const row = f.local('i32')
  const found = f.block()
  const search = f.block()
  // The first place looked at is nearly always the right one; the rest is a call.
  if (lookedUp === undefined) {
    f.get(sink).memory('i32.load', sinkWords.directory)
    f.get(hash).get(sink).memory('i32.load', sinkWords.mask).op('i32.and').i32(2).op('i32.shl')
    f.op('i32.add').memory('i32.load')
  } else pushEntry(leg, number, lookedUp.groups)
  f.tee(row).op('i32.eqz').branchIf(search)
  if (lookedUp === undefined) {
    f.get(row).memory('i32.load', groupHeader.hash).get(hash).op('i32.ne').branchIf(search)
  }
  emitKeysSame(scope, keys, row, fields)
  f.branchIf(found)
  f.end()
  f.get(scope.ctx).get(sink).get(hash)
  callFind(scope, find, keys, fields)
  f.set(row)
  f.end()
  f.release(hash)
  return row
}

/** The same for more keys than one function takes: others compute, hash and store some of them each. */
function emitWideGroup(
  leg: LegContext,
  { breaker, keys }: GroupTable,
  { index }: FindGroup,
  wide: WideKeys,
  number: Local,
): Local {
  const { f, scope, module } = leg
  const sink = scope.word(module.context.word({ kind: 'state', breaker, part: 'sink' }))
  const hash = f.local('i64')
  beginHash(f, hash)
  for (const part of wide.parts) {
    const { builder: own, index: called } = module.builder.defineFunction(
      ['i32', 'i32', 'i32', 'i32', 'i64'],
      ['i64'],
    )
    const inner = { ...leg, f: own, scope: new FunctionScope(module, own) }
    enterRow(inner, own.param(3))
    const values = keys
      .slice(part.from, part.from + part.fields.length)
      .map((key) => withAllLanes(own, compileExpression(inner.scope, key)))
    storeKeys(inner.scope, part, values)
    addToHash(own, inner.scope.kernel.bind(inner.scope), values, own.param(4))
    own.get(own.param(4))
    for (const local of [scope.ctx, f.param(FIRST), f.param(ROWS), number, hash]) f.get(local)
    f.call(called).set(hash)
  }
  const row = f.local('i32')
  f.get(scope.ctx).get(sink).get(shortHash(f, hash)).call(index).set(row)
  f.release(hash)
  return row
}

/** Exports `merge<table>(ctx, from, rows)`: adds group rows that lie one after another to the table. */
export function defineMerge(module: PipelineModule, table: GroupTable, tableIndex: number): void {
  const stable = table.keys.map(() => true)
  const find = table.keys.length === 0 ? undefined : defineFind(module, table, tableIndex, stable)
  const { builder: f } = module.builder.defineFunction(
    ['i32', 'i32', 'i32'],
    [],
    `merge${tableIndex}`,
  )
  const scope = new FunctionScope(module, f)
  const [from, rows] = [f.param(1), f.param(2)]
  const { breaker, layout } = table
  const part = find === undefined ? 'single-row' : 'sink'
  const target = scope.word(module.context.word({ kind: 'state', breaker, part }))
  const row = f.local('i32')
  const done = f.block()
  const again = f.loop()
  f.get(rows).op('i32.eqz').branchIf(done)
  if (find === undefined) f.get(target).set(row)
  else {
    const { wide } = find
    if (wide !== undefined) emitWideLoad(scope, wide, from)
    const ownFields = layout.fields.slice(0, wide === undefined ? table.keys.length : 0)
    const keys = keyValues(scope, from, ownFields)
    f.get(scope.ctx).get(target).get(from).memory('i32.load', groupHeader.hash)
    callFind(scope, find, keys, layout.fields)
    f.set(row)
  }
  for (const field of layout.fields.slice(table.keys.length)) {
    const state = present(field.state, 'field without a state')
    emitMerge(scope, state, memoryCells(f, row, field), from, field)
  }
  f.get(from).i32(layout.rowBytes).op('i32.add').set(from)
  f.get(rows).i32(1).op('i32.sub').set(rows)
  f.branch(again)
  f.end()
  f.end()
}

function keyValues(scope: EmitScope, row: Local, fields: readonly RowField[]): Value[] {
  return fields.map((field) => loadField(scope.f, row, field))
}
