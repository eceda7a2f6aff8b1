import { present } from '../../base/assert.ts'
import { conjuncts } from '../logical/build.ts'
import { aggregateKey, expressionKeyOver } from '../logical/expression-key.ts'
import { isVolatile } from '../logical/expression-size.ts'
import type { ColumnId, Expression, NamedExpression } from '../logical/expression.ts'
import type { Aggregate, Join, Relation, Scan } from '../logical/relation.ts'
import { expressionsOf } from '../logical/walk.ts'

/**
 * What a relation's rows are and where its columns come from, told without the ids of columns, so that relations can be
 * compared. Relations with one key have the same rows, as many times each, whatever columns of them they give.
 */
export interface RowsIdentity {
  readonly key: string
  /** A name of each column: two columns of relations with one key that share it have the same values. */
  readonly names: ReadonlyMap<ColumnId, string>
}

/** Tells what relations' rows are; remembers what it told. */
export class SameRows {
  readonly #known = new Map<Relation, RowsIdentity>()
  /** Texts that were long, by number. */
  readonly #numbers = new Map<string, number>()
  readonly #objects = new Map<object, number>()

  identityOf(relation: Relation): RowsIdentity {
    let identity = this.#known.get(relation)
    if (identity === undefined) {
      identity = this.#identify(relation)
      this.#known.set(relation, identity)
    }
    return identity
  }

  #identify(relation: Relation): RowsIdentity {
    if (expressionsOf(relation).some(isVolatile)) return this.#ofItself(relation)
    if (relation.kind === 'scan') return this.#ofScan(relation)
    if (relation.kind === 'join') return this.#ofJoin(relation)
    if (relation.kind === 'aggregate') return this.#ofAggregate(relation)
    if (relation.kind === 'project') {
      const { key, names } = this.identityOf(relation.input)
      return { key, names: this.#named(relation.exprs, names) }
    }
    if (relation.kind === 'filter') {
      const { key, names } = this.identityOf(relation.input)
      return { key: this.#short(`filter ${this.#all(relation.predicate, names)} ${key}`), names }
    }
    return this.#ofItself(relation)
  }

  /** Rows that no other relation is known to have. */
  #ofItself(relation: Relation): RowsIdentity {
    const names = relation.columns.map(({ id }): [ColumnId, string] => [id, `#${id}`])
    return { key: `relation ${this.#numberOf(relation)}`, names: new Map(names) }
  }

  #ofScan({ table, columns, sourceColumns, filters }: Scan): RowsIdentity {
    const names = new Map(columns.map(({ id }, i) => [id, `c${sourceColumns[i]!}`]))
    const kept = filters.map((part) => expressionKeyOver(part, names)).toSorted()
    return { key: this.#short(`scan ${this.#numberOf(table)} ${kept.join()}`), names }
  }

  #ofJoin(relation: Join): RowsIdentity {
    const { joinKind, left, right, condition, nullAware, markColumn } = relation
    const [l, r] = [this.identityOf(left), this.identityOf(right)]
    const names = new Map<ColumnId, string>()
    for (const [id, name] of l.names) names.set(id, this.#short(`l${name}`))
    for (const [id, name] of r.names) names.set(id, this.#short(`r${name}`))
    if (markColumn !== undefined) names.set(markColumn.id, 'mark')
    const how = `${joinKind} ${nullAware === true} ${this.#all(condition, names)}`
    return {
      key: this.#short(`join ${how} ${l.key} ${r.key}`),
      names: this.#visible(relation, names),
    }
  }

  #ofAggregate({ input, keys, aggregates }: Aggregate): RowsIdentity {
    const { key, names } = this.identityOf(input)
    const made = new Map(this.#named(keys, names))
    const groups = this.#short(`groups ${[...made.values()].toSorted().join()} ${key}`)
    // By the groups, too: a key may be an aggregate over finer ones that reads just as one of these does.
    for (const call of aggregates) {
      made.set(call.id, this.#short(`${aggregateKey(call, names)} ${groups}`))
    }
    return { key: groups, names: made }
  }

  #visible({ columns }: Relation, names: ReadonlyMap<ColumnId, string>): Map<ColumnId, string> {
    return new Map(
      columns.map(({ id }) => [id, present(names.get(id), 'a column of neither input')]),
    )
  }

  #named(
    exprs: readonly NamedExpression[],
    names: ReadonlyMap<ColumnId, string>,
  ): ReadonlyMap<ColumnId, string> {
    return new Map(exprs.map(({ id, expr }) => [id, this.#nameOf(expr, names)]))
  }

  #nameOf(expr: Expression, names: ReadonlyMap<ColumnId, string>): string {
    if (expr.kind === 'column') return present(names.get(expr.id), 'a column without a maker')
    return this.#short(expressionKeyOver(expr, names))
  }

  /** Conjuncts in any order. */
  #all(predicate: Expression, names: ReadonlyMap<ColumnId, string>): string {
    return conjuncts(predicate)
      .map((part) => expressionKeyOver(part, names))
      .toSorted()
      .join(' & ')
  }

  #short(text: string): string {
    let number = this.#numbers.get(text)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(text, number)
    }
    return `~${number}`
  }

  #numberOf(object: object): number {
    let number = this.#objects.get(object)
    if (number === undefined) {
      number = this.#objects.size
      this.#objects.set(object, number)
    }
    return number
  }
}
