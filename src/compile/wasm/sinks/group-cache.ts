import { present } from '../../../base/assert.ts'
import { valueForm } from '../../../data/types/catalogue.ts'
import type { ValueForm } from '../../../data/types/catalogue/entry.ts'
import type { ColumnId } from '../../../plan/logical/expression.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { isVolatile } from '../../../plan/logical/expression-size.ts'
import type { GroupTable } from '../../model/pipeline.ts'
import type { PipelineModule } from '../scope/pipeline-module.ts'
import type { LegContext } from '../scope/leg-loop.ts'
import { columnsRead } from '../../shape/legs.ts'

/** Groups that are remembered by the build row which gave their keys. */
const CACHE_GROUPS = 512

/** Forms whose hashing and comparing take calls, so that a look-up by row saves much. */
const costly: ReadonlySet<ValueForm> = new Set(['text', 'bytes', 'keyed', 'numeric', 'interval'])

/**
 * The joined source whose row alone decides the group, where finding the group by its keys is dear.
 * Groups once found stay valid: a table that is emptied keeps its rows, and they are merged later.
 */
export function groupingSource(module: PipelineModule, table: GroupTable): number | undefined {
  const { definitions } = module.pipeline
  if (!table.keys.some(({ type }) => costly.has(valueForm(type)))) return undefined
  if ([...table.keys, ...definitions.values()].some(isVolatile)) return undefined
  const sources = new Set<number | undefined>()
  for (const id of columnsRead(table.keys, definitions)) sources.add(module.places.get(id)?.source)
  const [source] = sources
  if (sources.size !== 1 || source === undefined || source === 0) return undefined
  return module.sources[source]?.kind === 'rows' ? source : undefined
}

/** The group of the current row by the row of a joined source; `find` emits the search by keys. */
export function emitCachedGroup(leg: LegContext, source: number, find: () => Local): Local {
  const { f, scope, module } = leg
  const cache = module.context.scratch(CACHE_GROUPS * 8)
  const id = scope.rowId(source)
  const [slot, group] = [f.local('i32'), f.local('i32')]
  // Rows are 8 bytes or more apart.
  f.get(id)
    .i32(3)
    .op('i32.shr_u')
    .i32(CACHE_GROUPS - 1)
    .op('i32.and')
    .i32(3)
    .op('i32.shl')
  f.get(scope.ctx)
    .op('i32.add')
    .tee(slot)
    .memory('i32.load', cache + 4)
    .set(group)
  f.get(slot).memory('i32.load', cache).get(id).op('i32.ne').if()
  scope.branch(() => {
    f.get(find()).set(group)
    f.get(slot).get(id).memory('i32.store', cache)
    f.get(slot)
      .get(group)
      .memory('i32.store', cache + 4)
  })
  f.end()
  f.release(slot)
  return group
}

/** Groups that are remembered by the value of the column that gives their keys: a power of two. */
const VALUES_BITS = 12
const VALUES = 1 << VALUES_BITS
/** A value and its group. */
const VALUE_CELL = { value: 0, group: 8, bytes: 16 } as const
/** Odd, its bits far from any pattern: the golden ratio's (D. Knuth, The Art of Computer Programming 3, 6.4). */
const SPREAD = -7_046_029_254_386_353_131n

/** Forms of one number, which is all of the value. */
const compared: ReadonlySet<ValueForm> = new Set(['i32', 'i64', 'f64'])
/**
 * The column of numbers or moments that all keys are functions of, where finding the group by them is dear: rows
 * often have a value again that others had, as texts are made of few dates, or of sorted ones.
 */
export function groupingColumn(
  { module, scope }: LegContext,
  { keys }: GroupTable,
): ColumnId | undefined {
  const { definitions } = module.pipeline
  if ([...keys, ...definitions.values()].some(isVolatile)) return undefined
  const [column, second] = columnsRead(keys, definitions)
  if (column === undefined || second !== undefined || scope.isCalledOut(column)) return undefined
  const place = module.places.get(column)
  const source = place === undefined ? undefined : module.sources[place.source]
  if (place === undefined || source?.kind !== 'chunk') return undefined
  const { type, layout } = present(source.columns[place.index], 'column of a place')
  const isCoded = layout === 'dict8' || layout === 'dict16' || layout === 'dict32'
  if (isCoded || !compared.has(valueForm(type))) return undefined
  const isDear = keys.some((key) => {
    const isComputed = key.kind !== 'column' || definitions.has(key.id)
    return isComputed && costly.has(valueForm(key.type))
  })
  return isDear ? column : undefined
}

/** The group of the current row by the value of a column; `find` emits the search by keys. */
export function emitGroupOfValue(leg: LegContext, column: ColumnId, find: () => Local): Local {
  const { f, scope, module } = leg
  // One cell more is that of NULL.
  const cells = module.context.scratch((VALUES + 1) * VALUE_CELL.bytes)
  const { lanes, valid } = scope.column(column)
  const [slot, group, value] = [f.local('i32'), f.local('i32'), f.local('i64')]
  const lane = present(lanes[0], 'lane of a column')
  f.get(lane)
  if (f.typeOf(lane) === 'i32') f.op('i64.extend_i32_s')
  else if (f.typeOf(lane) === 'f64') f.op('i64.reinterpret_f64')
  if (valid !== undefined) f.i64(0n).get(valid).op('select')
  f.tee(value).i64(SPREAD).op('i64.mul')
  f.i64(BigInt(64 - VALUES_BITS))
    .op('i64.shr_u')
    .op('i32.wrap_i64')
  if (valid !== undefined) f.i32(VALUES).get(valid).op('select')
  f.i32(VALUE_CELL.bytes).op('i32.mul').get(scope.ctx).op('i32.add').set(slot)
  // A cell that has no group yet has nobody's value.
  f.get(slot)
    .memory('i32.load', cells + VALUE_CELL.group)
    .tee(group)
    .op('i32.eqz')
  f.get(slot)
    .memory('i64.load', cells + VALUE_CELL.value)
    .get(value)
    .op('i64.ne')
    .op('i32.or')
  f.if()
  scope.branch(() => {
    f.get(find()).set(group)
    f.get(slot)
      .get(value)
      .memory('i64.store', cells + VALUE_CELL.value)
    f.get(slot)
      .get(group)
      .memory('i32.store', cells + VALUE_CELL.group)
  })
  f.end()
  f.release(slot)
  f.release(value)
  return group
}
