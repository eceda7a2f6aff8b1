import { assert, present } from '../../base/assert.ts'
import {
  aggregate,
  columnReference,
  filter,
  join,
  project,
  type ColumnIds,
} from '../logical/build.ts'
import type { AggregateCall, Expression, SortKey } from '../logical/expression.ts'
import type { Aggregate, OutputColumn, Relation, RelationOf, Scan } from '../logical/relation.ts'
import { replaceColumns } from '../logical/walk.ts'
import { passedOn } from './output-columns.ts'
import type { SameRows } from './same-rows.ts'

/**
 * The rows of a relation with the columns of a second one beside its own: the two have the same rows, by their
 * {@link SameRows identity}, and may give different columns of them.
 */
export class JointColumns {
  readonly #same: SameRows
  readonly #ids: ColumnIds

  constructor(same: SameRows, ids: ColumnIds) {
    this.#same = same
    this.#ids = ids
  }

  /** The columns of a relation by their names; of two that are the same, the first. */
  byName(relation: Relation): ReadonlyMap<string, OutputColumn> {
    const { names } = this.#same.identityOf(relation)
    const columns = new Map<string, OutputColumn>()
    for (const column of relation.columns) {
      const name = present(names.get(column.id), 'a column without a name')
      if (!columns.has(name)) columns.set(name, column)
    }
    return columns
  }

  /** `one` with whatever columns of `other` it lacks. */
  of(one: Relation, other: Relation): Relation {
    assert(
      this.#same.identityOf(one).key === this.#same.identityOf(other).key,
      'columns of other rows',
    )
    const has = this.byName(one)
    const lacking = [...this.byName(other)].filter(([name]) => !has.has(name))
    if (lacking.length === 0) return one
    if (one.kind === 'project') {
      const input = this.of(one.input, other)
      const given = this.byName(input)
      const more = lacking.map(([name]) => present(given.get(name), 'a column was not joined'))
      return project(input, [...one.exprs, ...passedOn(more)])
    }
    if (other.kind === 'project') return this.#withExpressions(one, other)
    return this.#beside(one, other)
  }

  #withExpressions(one: Relation, other: RelationOf<'project'>): Relation {
    const input = this.of(one, other.input)
    const given = this.byName(input)
    const { names } = this.#same.identityOf(other)
    const more = other.exprs.filter(({ id }) => !given.has(present(names.get(id), 'a lost column')))
    if (more.length === 0) return input
    const made = more.map((item) => ({
      id: this.#ids.next(),
      name: item.name,
      expr: this.#over(input, other.input, item.expr),
    }))
    return project(input, [...passedOn(input.columns), ...made])
  }

  /** Of two relations of one kind. */
  #beside(one: Relation, other: Relation): Relation {
    if (one.kind === 'scan' && other.kind === 'scan') return this.#scan(one, other)
    if (one.kind === 'filter' && other.kind === 'filter') {
      return filter(this.of(one.input, other.input), one.predicate)
    }
    if (one.kind === 'join' && other.kind === 'join') {
      const { joinKind, condition, nullAware, markColumn } = one
      const [left, right] = [this.of(one.left, other.left), this.of(one.right, other.right)]
      return join(joinKind, left, right, condition, {
        ...(nullAware !== undefined && { nullAware }),
        ...(markColumn !== undefined && { markColumn }),
      })
    }
    assert(one.kind === 'aggregate' && other.kind === 'aggregate', 'relations of different kinds')
    return this.#groups(one, other)
  }

  #scan(one: Scan, other: Scan): Scan {
    const more = other.columns
      .map((column, i) => ({ column, source: other.sourceColumns[i]! }))
      .filter(({ source }) => !one.sourceColumns.includes(source))
    return {
      ...one,
      sourceColumns: [...one.sourceColumns, ...more.map(({ source }) => source)],
      columns: [...one.columns, ...more.map(({ column }) => ({ ...column, id: this.#ids.next() }))],
    }
  }

  #groups(one: Aggregate, other: Aggregate): Aggregate {
    const input = this.of(one.input, other.input)
    const has = this.byName(one)
    const { names } = this.#same.identityOf(other)
    const over = (expr: Expression): Expression => this.#over(input, other.input, expr)
    const more = other.aggregates
      .filter(({ id }) => !has.has(present(names.get(id), 'a lost aggregate')))
      .map((call) => callOver({ ...call, id: this.#ids.next() }, over))
    return aggregate(input, one.keys, [...one.aggregates, ...more])
  }

  /** An expression over `from`, over a relation of the same rows that has all of its columns. */
  #over(to: Relation, from: Relation, expr: Expression): Expression {
    const given = this.byName(to)
    const { names } = this.#same.identityOf(from)
    return replaceColumns(expr, (id) => {
      const name = names.get(id)
      const column = name === undefined ? undefined : given.get(name)
      return column && columnReference(column)
    })
  }
}

function callOver(call: AggregateCall, over: (expr: Expression) => Expression): AggregateCall {
  const { args, filter: kept, orderBy } = call
  const ordered = orderBy?.map((key): SortKey => ({ ...key, expr: over(key.expr) }))
  return {
    ...call,
    args: args.map(over),
    ...(kept !== undefined && { filter: over(kept) }),
    ...(ordered !== undefined && { orderBy: ordered }),
  }
}
