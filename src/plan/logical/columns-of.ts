import { bool } from '../../data/types/data-type.ts'
import type { ColumnId, Expression, NamedExpression } from './expression.ts'
import type { AggregateCall, WindowCall, RowsCall } from './expression.ts'
import type { Join, JoinKind, OutputColumn, Relation, Ordinality } from './relation.ts'

/**
 * What a relation produces, computed from what it is made of. The builders and the walk use these, so
 * `columns` stays right when an input is exchanged for another.
 */
export function projectColumns(
  input: Relation,
  exprs: readonly NamedExpression[],
): readonly OutputColumn[] {
  const canBeNull = nullability(input.columns)
  return exprs.map(({ id, name, expr }) => ({
    id,
    name,
    type: expr.type,
    nullable: canBeNull(expr),
  }))
}

export function aggregateColumns(
  input: Relation,
  keys: readonly NamedExpression[],
  aggregates: readonly AggregateCall[],
): readonly OutputColumn[] {
  const outputs = aggregates.map(({ id, name, type, fn }) => ({
    id,
    name,
    type,
    nullable: fn.emptyValue === null,
  }))
  return [...projectColumns(input, keys), ...outputs]
}

export function windowColumns(
  input: Relation,
  calls: readonly WindowCall[],
): readonly OutputColumn[] {
  const outputs = calls.map(({ id, name, type, fn }) => ({
    id,
    name,
    type,
    nullable: fn.cataloguedAs === 'aggregate' ? fn.emptyValue === null : fn.nullable,
  }))
  return [...input.columns, ...outputs]
}

export function expandColumns(
  input: Relation,
  calls: readonly RowsCall[],
  ordinality: Ordinality | undefined,
): readonly OutputColumn[] {
  const made = calls.flatMap(({ outputs }) => outputs.map((own) => ({ ...own, nullable: true })))
  const counted = ordinality === undefined ? [] : [{ ...ordinality, nullable: true }]
  return [...input.columns, ...made, ...counted]
}

export function joinColumns(
  joinKind: JoinKind,
  left: Relation,
  right: Relation,
  markColumn: Join['markColumn'],
): readonly OutputColumn[] {
  switch (joinKind) {
    case 'inner':
      return [...left.columns, ...right.columns]
    case 'left':
    case 'single':
      return [...left.columns, ...madeNullable(right.columns)]
    case 'right':
      return [...madeNullable(left.columns), ...right.columns]
    case 'full':
      return [...madeNullable(left.columns), ...madeNullable(right.columns)]
    case 'semi':
    case 'anti':
      return left.columns
    case 'mark':
      return markColumn === undefined ? left.columns : [...left.columns, markColumn]
  }
}

/** The columns of UNION ALL keep ids, names and types; a column is nullable where any input's is. */
export function unionAllColumns(
  inputs: readonly Relation[],
  inputColumns: readonly (readonly ColumnId[])[],
  columns: readonly OutputColumn[],
): readonly OutputColumn[] {
  const nullableIds = new Set(
    inputs.flatMap((input) => input.columns.filter((c) => c.nullable).map((c) => c.id)),
  )
  return columns.map((column, position) => {
    const nullable = inputColumns.some((ids) => {
      const id = ids[position]
      return id === undefined || nullableIds.has(id)
    })
    return nullable === column.nullable ? column : { ...column, nullable }
  })
}

/** The column that a mark join adds. */
export function markColumnOf(id: ColumnId, name: string, nullable: boolean): OutputColumn {
  return { id, name, type: bool, nullable }
}

/**
 * Whether an expression can be NULL over an input with these columns. It may say yes too often, never
 * no wrongly: functions say of themselves when their results are NULL, and a column
 * that the input does not produce counts as nullable.
 */
export function nullability(columns: readonly OutputColumn[]): (expr: Expression) => boolean {
  const solid = new Set(columns.filter((column) => !column.nullable).map((column) => column.id))
  const canBeNull = (expr: Expression): boolean => {
    switch (expr.kind) {
      case 'column':
        return !solid.has(expr.id)
      case 'literal':
        return expr.value === null
      case 'parameter':
        return true
      case 'call': {
        const { nullResult } = expr.fn
        if (nullResult === 'never') return false
        return nullResult === 'any' || expr.args.some(canBeNull)
      }
      case 'cast':
        return expr.lenient || canBeNull(expr.arg)
      case 'case':
        return expr.branches.some(({ then }) => canBeNull(then)) || canBeNull(expr.otherwise)
      case 'and':
      case 'or':
        return expr.args.some(canBeNull)
      case 'in-list':
        return canBeNull(expr.arg) || expr.list.some(canBeNull)
      case 'in-set':
        return expr.hasNull || canBeNull(expr.arg)
      case 'let':
        return true
      case 'subquery':
        return expr.form !== 'exists'
    }
  }
  return canBeNull
}

function madeNullable(columns: readonly OutputColumn[]): readonly OutputColumn[] {
  return columns.map((column) => (column.nullable ? column : { ...column, nullable: true }))
}
