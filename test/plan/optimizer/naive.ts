import { compareScalars } from '../../../src/data/types/compare-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { QueryError } from '../../../src/base/errors.ts'
import { rowsSideBySide } from '../../../src/functions/tables/side-by-side.ts'
import { literal } from '../../../src/plan/logical/build.ts'
import { evaluate } from '../../../src/plan/logical/evaluate.ts'
import type {
  AggregateCall,
  ColumnId,
  Expression,
  ExpressionOf,
  SortKey,
} from '../../../src/plan/logical/expression.ts'
import type { Apply, Join, Relation, Window } from '../../../src/plan/logical/relation.ts'
import { mapExpressionChildren } from '../../../src/plan/logical/walk.ts'
import type { TableEntry } from '../../../src/plan/catalog/catalog.ts'

export type Row = ReadonlyMap<ColumnId, Scalar>

export interface NaiveContext {
  readonly tables: ReadonlyMap<TableEntry, readonly (readonly Scalar[])[]>
  readonly ctes: Map<number, readonly Row[]>
}

const TRUE = literal(true, { kind: 'bool' })

/**
 * What a logical plan means, by nested loops over scalars: the reference that rewritten plans are
 * measured against. Handles Apply and subqueries directly, in the environment of the outer row.
 */
export function rowsOf(ctx: NaiveContext, relation: Relation, outer: Row): readonly Row[] {
  switch (relation.kind) {
    case 'scan': {
      const rows = ctx.tables.get(relation.table) ?? []
      return rows
        .map((row) =>
          entries(relation.columns.map(({ id }, i) => [id, row[relation.sourceColumns[i]!]!])),
        )
        .filter((row) => relation.filters.every((f) => holds(ctx, f, row, outer)))
    }
    case 'values':
      return relation.rows.map((row) =>
        entries(row.map((expr, i) => [relation.columns[i]!.id, valueOf(ctx, expr, outer)])),
      )
    case 'filter':
      return rowsOf(ctx, relation.input, outer).filter((row) =>
        holds(ctx, relation.predicate, row, outer),
      )
    case 'project':
      return rowsOf(ctx, relation.input, outer).map((row) => {
        const seen = new Map([...outer, ...row])
        return entries(relation.exprs.map(({ id, expr }) => [id, valueOf(ctx, expr, seen)]))
      })
    case 'join':
    case 'apply':
      return joinRows(ctx, relation, outer)
    case 'aggregate':
      return aggregateRows(ctx, relation, outer)
    case 'window':
      return windowRows(ctx, relation, outer)
    case 'sort':
      return [...rowsOf(ctx, relation.input, outer)]
        .sort((a, b) => compareBy(ctx, relation.keys, outer, a, b))
        .slice(0, relation.limitRows)
    case 'limit': {
      const rows = rowsOf(ctx, relation.input, outer)
      const [limit, offset] = [relation.limit, relation.offset].map((expr) =>
        expr === undefined ? null : valueOf(ctx, expr, outer),
      )
      const start = Number(offset ?? 0)
      return rows.slice(start, limit === null ? undefined : start + Number(limit))
    }
    case 'union-all':
      return relation.inputs.flatMap((input, i) =>
        rowsOf(ctx, input, outer).map((row) =>
          entries(
            relation.columns.map(({ id }, p) => [id, row.get(relation.inputColumns[i]![p]!)!]),
          ),
        ),
      )
    case 'with': {
      const inner = { ...ctx, ctes: new Map(ctx.ctes) }
      inner.ctes.set(relation.cteId, rowsOf(ctx, relation.definition, outer))
      return rowsOf(inner, relation.input, outer)
    }
    case 'expand':
      return rowsOf(ctx, relation.input, outer).flatMap((row) => {
        const seen = new Map([...outer, ...row])
        const calls = relation.calls.map(({ fn, args }) => {
          const types = args.map(({ type }) => type)
          return { fn, args: args.map((arg) => valueOf(ctx, arg, seen)), types }
        })
        const outputs = relation.calls.flatMap((call) => call.outputs)
        return [...rowsSideBySide(calls)].map((values, position) => {
          const made = outputs.map(({ id }, i) => [id, values[i] ?? null] as const)
          const { ordinality } = relation
          const counted =
            ordinality === undefined ? [] : [[ordinality.id, BigInt(position + 1)] as const]
          return entries([...row, ...made, ...counted])
        })
      })
    case 'recursion': {
      const { recursionId, base, step, inputColumns, columns, isDistinct } = relation
      const seen = new Set<string>()
      const all: Row[] = []
      const added = (rows: readonly Row[], ids: readonly ColumnId[]): readonly Row[] =>
        rows.flatMap((row) => {
          const values = ids.map((id) => row.get(id) ?? null)
          const key = JSON.stringify(values.map(String))
          if (isDistinct && seen.has(key)) return []
          seen.add(key)
          const made = entries(columns.map(({ id }, at) => [id, values[at] ?? null]))
          all.push(made)
          return [made]
        })
      let round = added(rowsOf(ctx, base, outer), inputColumns[0])
      const around = ctx.ctes.get(recursionId)
      while (round.length > 0) {
        ctx.ctes.set(
          recursionId,
          round.map((row) => entries([...row])),
        )
        round = added(rowsOf(ctx, step, outer), inputColumns[1])
      }
      if (around !== undefined) ctx.ctes.set(recursionId, around)
      return all
    }
    case 'working-table': {
      const rows = ctx.ctes.get(relation.recursionId) ?? []
      return rows.map((row) => {
        const values = [...row.values()]
        return entries(relation.columns.map(({ id }, at) => [id, values[at] ?? null]))
      })
    }
    case 'cte-reference':
      return ctx.ctes
        .get(relation.cteId)!
        .map((row) =>
          entries(
            relation.columns.map(({ id }, i) => [id, row.get(relation.definitionColumns[i]!)!]),
          ),
        )
  }
}

function compareBy(
  ctx: NaiveContext,
  keys: readonly SortKey[],
  outer: Row,
  a: Row,
  b: Row,
): number {
  for (const key of keys) {
    const [x, y] = [a, b].map((row) => valueOf(ctx, key.expr, new Map([...outer, ...row])))
    if (x === null || y === null) {
      if (x === y) continue
      return (x === null) === key.nullsFirst ? -1 : 1
    }
    const order = compareScalars(x!, y!, key.expr.type)
    if (order !== 0) return key.descending ? -order : order
  }
  return 0
}

/** Aggregates over the usual frame, rank and row_number: by looking at all rows for each. */
function windowRows(ctx: NaiveContext, relation: Window, outer: Row): readonly Row[] {
  const rows = rowsOf(ctx, relation.input, outer)
  const partition = relation.partitionBy.map((expr): SortKey => {
    return { expr, descending: false, nullsFirst: false }
  })
  return rows.map((row, at) => {
    const own = rows.filter((other) => compareBy(ctx, partition, outer, other, row) === 0)
    const order = (other: Row): number => compareBy(ctx, relation.orderBy, outer, other, row)
    const frame = own.filter((other) => order(other) <= 0)
    const before = own.filter((other) => order(other) < 0).length
    const made = relation.calls.map((call) => {
      if (call.frame.unit !== 'range' || call.frame.end.kind !== 'current-row') {
        throw new Error('a frame that is not the usual one')
      }
      const { fn } = call
      if (fn.cataloguedAs === 'aggregate') {
        const seen = frame.map((other) => new Map([...outer, ...other]))
        return [call.id, accumulate(ctx, { ...call, fn, distinct: false }, seen)] as const
      }
      const peersBefore = own.filter((other) => order(other) === 0 && rows.indexOf(other) < at)
      if (fn.name === 'rank') return [call.id, BigInt(before + 1)] as const
      if (fn.name !== 'row_number') throw new Error(`window function ${fn.id}`)
      return [call.id, BigInt(before + peersBefore.length + 1)] as const
    })
    return new Map([...row, ...made])
  })
}

function entries(list: readonly (readonly [ColumnId, Scalar])[]): Row {
  return new Map(list)
}

function holds(ctx: NaiveContext, expr: Expression, row: Row, outer: Row): boolean {
  return valueOf(ctx, expr, new Map([...outer, ...row])) === true
}

function joinRows(ctx: NaiveContext, join: Join | Apply, outer: Row): readonly Row[] {
  const rightIds = join.right.columns.map(({ id }) => id)
  const nulls = entries(rightIds.map((id) => [id, null]))
  const leftNulls = entries(join.left.columns.map(({ id }) => [id, null]))
  const matched = new Set<number>()
  const out: Row[] = []
  const independent = join.kind === 'join' ? rowsOf(ctx, join.right, outer) : undefined
  for (const left of rowsOf(ctx, join.left, outer)) {
    const seen = new Map([...outer, ...left])
    const rights = independent ?? rowsOf(ctx, join.right, seen)
    let unknown = false
    const matches: Row[] = []
    for (const [index, right] of rights.entries()) {
      const value = valueOf(ctx, join.condition, new Map([...seen, ...right]))
      if (value === null) unknown = true
      if (value !== true) continue
      matches.push(right)
      matched.add(index)
    }
    const both = matches.map((right) => new Map([...left, ...right]))
    switch (join.joinKind) {
      case 'inner':
      case 'right':
        out.push(...both)
        break
      case 'left':
      case 'full':
        out.push(...(both.length > 0 ? both : [new Map([...left, ...nulls])]))
        break
      case 'single':
        if (both.length > 1) {
          throw new QueryError('CARDINALITY_VIOLATION', 'more than one row')
        }
        out.push(both[0] ?? new Map([...left, ...nulls]))
        break
      case 'semi':
        if (both.length > 0) out.push(left)
        break
      case 'anti':
        if (both.length === 0 && !(join.nullAware === true && unknown)) out.push(left)
        break
      case 'mark': {
        const none = join.nullAware === true && unknown ? null : false
        out.push(new Map([...left, [join.markColumn!.id, both.length > 0 ? true : none]]))
      }
    }
  }
  if (join.joinKind === 'right' || join.joinKind === 'full') {
    for (const [index, right] of independent!.entries()) {
      if (!matched.has(index)) out.push(new Map([...leftNulls, ...right]))
    }
  }
  return out
}

function aggregateRows(
  ctx: NaiveContext,
  relation: Extract<Relation, { kind: 'aggregate' }>,
  outer: Row,
): readonly Row[] {
  const groups = new Map<string, { keys: Scalar[]; rows: Row[] }>()
  if (relation.keys.length === 0) groups.set('', { keys: [], rows: [] })
  for (const row of rowsOf(ctx, relation.input, outer)) {
    const seen = new Map([...outer, ...row])
    const keys = relation.keys.map(({ expr }) => valueOf(ctx, expr, seen))
    const name = keys.map(text).join('|')
    const group = groups.get(name) ?? { keys, rows: [] }
    groups.set(name, group)
    group.rows.push(seen)
  }
  return [...groups.values()].map(({ keys, rows }) =>
    entries([
      ...relation.keys.map(({ id }, i) => [id, keys[i]!] as const),
      ...relation.aggregates.map((call) => [call.id, accumulate(ctx, call, rows)] as const),
    ]),
  )
}

function accumulate(ctx: NaiveContext, call: AggregateCall, rows: readonly Row[]): Scalar {
  const kept = rows.filter(
    (row) => call.filter === undefined || valueOf(ctx, call.filter, row) === true,
  )
  const [arg] = call.args
  if (arg === undefined) return BigInt(kept.length)
  let values = kept.map((row) => valueOf(ctx, arg, row)).filter((value) => value !== null)
  if (call.distinct) values = [...new Map(values.map((value) => [text(value), value])).values()]
  if (call.fn.name === 'count') return BigInt(values.length)
  if (values.length === 0) return null
  switch (call.fn.name) {
    case 'sum':
      return values
        .map(Number)
        .map(BigInt)
        .reduce((a, b) => a + b)
    case 'min':
      return values.reduce((a, b) => (compareScalars(a, b, arg.type) <= 0 ? a : b))
    case 'max':
      return values.reduce((a, b) => (compareScalars(a, b, arg.type) >= 0 ? a : b))
    case 'bool_or':
      return values.includes(true)
    case 'bool_and':
      return !values.includes(false)
    default:
      throw new Error(`naive ${call.fn.id}`)
  }
}

/** Subqueries are replaced by their values in this row; then the reference evaluation does the rest. */
export function valueOf(ctx: NaiveContext, expr: Expression, row: Row): Scalar {
  if (expr.kind === 'case') {
    const taken = expr.branches.find(({ when }) => valueOf(ctx, when, row) === true)
    return valueOf(ctx, taken?.then ?? expr.otherwise, row)
  }
  const plain = withoutSubqueries(ctx, expr, row)
  return evaluate(plain, (id) => {
    const value = row.get(id)
    if (value === undefined) throw new Error(`column #${id} is not there`)
    return value
  })
}

function withoutSubqueries(ctx: NaiveContext, expr: Expression, row: Row): Expression {
  if (expr.kind === 'subquery') return literal(subqueryValue(ctx, expr, row), expr.type)
  if (expr.kind === 'case') return literal(valueOf(ctx, expr, row), expr.type)
  return mapExpressionChildren(expr, (child) => withoutSubqueries(ctx, child, row))
}

function subqueryValue(ctx: NaiveContext, expr: ExpressionOf<'subquery'>, row: Row): Scalar {
  const rows = rowsOf(ctx, expr.input, row)
  const column = expr.input.columns[0]
  if (expr.form === 'exists') return rows.length > 0
  if (expr.form === 'scalar') {
    if (rows.length > 1) throw new QueryError('CARDINALITY_VIOLATION', 'more than one row')
    return rows[0]?.get(column!.id) ?? null
  }
  const arg = literal(valueOf(ctx, expr.arg!, row), expr.arg!.type)
  const outcomes = rows.map((inner) => {
    const other = literal(inner.get(column!.id)!, column!.type)
    return valueOf(ctx, { kind: 'call', fn: expr.fn!, args: [arg, other], type: TRUE.type }, row)
  })
  const decisive = expr.form === 'any'
  if (outcomes.includes(decisive)) return decisive
  return outcomes.includes(null) ? null : !decisive
}

export function text(value: Scalar): string {
  return value === null ? 'NULL' : `${typeof value}:${String(value)}`
}

/** The rows as sorted lines, columns in the relation's order: what two plans must share. */
export function outcomeOf(ctx: NaiveContext, relation: Relation): readonly string[] {
  try {
    const rows = rowsOf(ctx, relation, new Map())
    return rows.map((row) => relation.columns.map(({ id }) => text(row.get(id)!)).join(', ')).sort()
  } catch (error) {
    if (error instanceof QueryError) return [`error ${error.code}`]
    throw error
  }
}
