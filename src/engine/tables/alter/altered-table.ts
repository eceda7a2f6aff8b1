import { present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import { columnPosition } from '../../../plan/binder/changes/stored-value.ts'
import type { Catalog, EntryName, SequenceEntry } from '../../../plan/catalog/catalog.ts'
import { overtaken } from '../../../plan/catalog/indexes.ts'
import {
  hasTarget,
  referencesTo,
  withoutReferences,
  type Reference,
} from '../../../plan/catalog/references.ts'
import { addRelation } from '../../../plan/catalog/relations.ts'
import { withEntry, withoutEntries } from '../../../plan/catalog/schemas.ts'
import { noRules, type ForeignKeyRule, type TableRules } from '../../../plan/catalog/table-rules.ts'
import { named, project, scan } from '../../../plan/logical/build.ts'
import { columnReference } from '../../../plan/logical/build.ts'
import type { NamedExpression } from '../../../plan/logical/expression.ts'
import type { OutputColumn, Relation } from '../../../plan/logical/relation.ts'
import type { Identifier } from '../../../sql/ast/expression.ts'
import type { Field } from '../../../data/types/schema.ts'
import type { StatementContext } from '../../context/statement-context.ts'
import type { Notice } from '../../results/result.ts'
import { storeInOrder, memoryTableIn, withChunks, type MemoryTable } from '../memory-tables.ts'

/** A step that the catalog takes once the table is as it is to be. */
export type CatalogStep = (catalog: Catalog) => Catalog

/** Looks at the rows as they are to be. Errors: those of a constraint that they break. */
export type RowCheck = (table: MemoryTable) => Promise<void>

/** A table while ALTER TABLE makes another one of it. */
export class AlteredTable {
  readonly before: MemoryTable
  readonly notices: Notice[] = []
  columns: readonly Field[]
  rules: TableRules
  readonly #ctx: StatementContext
  readonly #steps: CatalogStep[] = []
  readonly #coming: SequenceEntry[] = []
  readonly #checks: RowCheck[] = []
  /** The rows as they are to be, one column a column; undefined while they are those that are there. */
  #rows: Relation | undefined

  constructor(ctx: StatementContext, table: MemoryTable) {
    this.#ctx = ctx
    this.before = table
    this.columns = table.columns
    this.rules = table.rules ?? noRules
  }

  get name(): string {
    return this.before.name
  }

  /** The position of a column. Errors: UNDEFINED_COLUMN. */
  position(column: Identifier): number {
    return columnPosition({ ...this.before, columns: this.columns }, column)
  }

  field(position: number): Field {
    return present(this.columns[position], 'a column of an altered table')
  }

  /** The rows as they are to be, to compute others of. */
  get rows(): Relation {
    this.#rows ??= scan(this.#ctx.columnIds, this.before)
    return this.#rows
  }

  /** Columns that expressions over a row can be bound to. */
  outputs(): readonly OutputColumn[] {
    return this.rows.columns.map((column, at) => ({
      ...column,
      name: this.columns[at]?.name ?? column.name,
      nullable: true,
    }))
  }

  /** What each column of the rows becomes, in the order of the columns that there are to be. */
  computeRows(exprs: readonly NamedExpression[]): void {
    this.#rows = project(this.rows, exprs)
  }

  /** A column that stays as it is. */
  kept(position: number): NamedExpression {
    const column = present(this.rows.columns[position], 'a column of rows')
    return named(this.#ctx.columnIds, column.name, columnReference(column))
  }

  changeField(position: number, change: Partial<Field>): void {
    this.columns = this.columns.map((field, at) =>
      at === position ? { ...field, ...change } : field,
    )
  }

  changeRules(change: Partial<TableRules>): void {
    this.rules = { ...this.rules, ...change }
  }

  then(step: CatalogStep): void {
    this.#steps.push(step)
  }

  check(check: RowCheck): void {
    this.#checks.push(check)
  }

  /** The foreign keys over the table, by the positions that its columns have now. */
  get references(): readonly Reference[] {
    const { before } = this
    const now = (at: number): number =>
      this.columns.findIndex(({ name }) => name === before.columns[at]?.name)
    return referencesTo(this.#ctx.catalog, before).map(({ table, rule }) => ({
      table,
      rule: { ...rule, targetColumns: rule.targetColumns.map(now) },
    }))
  }

  /** The table that a new foreign key is over must be what it was when the rows were looked at. */
  requireTarget(rule: ForeignKeyRule): void {
    const { schema, name } = rule.target
    const { schema: ownSchema, name: ownName } = this.before
    if (schema === ownSchema && name === ownName) return
    const seen = memoryTableIn(this.#ctx.catalog, schema, name)
    this.then((catalog) => {
      const current = memoryTableIn(catalog, schema, name)
      if (seen === undefined || current === undefined || !hasTarget(catalog, rule))
        throw overtaken()
      if (!hasSameChunks(current, seen)) throw overtaken()
      return catalog
    })
  }

  /** Foreign keys over the table go. */
  dropReferences(references: readonly Reference[]): void {
    const isOwn = ({ table }: Reference): boolean =>
      table.schema === this.before.schema && table.name === this.before.name
    const own = new Set(references.filter(isOwn).map(({ rule }) => rule.name))
    const { foreignKeys } = this.rules
    if (foreignKeys !== undefined && own.size > 0) {
      this.changeRules({ foreignKeys: foreignKeys.filter(({ name }) => !own.has(name)) })
    }
    const others = references.filter((one) => !isOwn(one))
    if (others.length > 0) this.then((catalog) => withoutReferences(catalog, others))
  }

  addSequence(sequence: SequenceEntry): void {
    this.#coming.push(sequence)
    this.then((catalog) => addRelation(catalog, sequence))
  }

  dropSequences(names: readonly EntryName[]): void {
    this.then((catalog) => ({ ...catalog, relations: withoutEntries(catalog.relations, names) }))
  }

  /** Makes the table what it is to be. Errors: those of rows and constraints; SERIALIZATION_FAILURE. */
  async finish(): Promise<void> {
    const { before } = this
    const { columns, rules } = this
    const isComputed = this.#rows !== undefined && this.#rows.kind !== 'scan'
    const { sequences } = this.#ctx
    const stored = isComputed
      ? await sequences.withComing(this.#coming, () => storeInOrder(this.#ctx, this.rows, columns))
      : undefined
    const altered: MemoryTable = {
      ...(stored === undefined ? before : withChunks({ ...before, columns }, stored.chunks)),
      columns,
      rules,
    }
    for (const check of this.#checks) await check(altered)
    const looksAtRows = stored !== undefined || this.#checks.length > 0
    const steps = [...this.#steps]
    const apply = (catalog: Catalog): Catalog => {
      const current = memoryTableIn(catalog, before.schema, before.name)
      if (current === undefined) throw overtaken()
      if (current.columns !== before.columns || current.rules !== before.rules) throw overtaken()
      if (looksAtRows && !hasSameChunks(current, before)) throw overtaken()
      const rows = stored === undefined ? current : withChunks(altered, stored.chunks)
      const entry = { ...rows, columns, rules }
      const { schema, name } = before
      const root = { ...catalog, relations: withEntry(catalog.relations, schema, name, entry) }
      return steps.reduce((now, step) => step(now), root)
    }
    await this.#ctx.transaction.changeChecked(this.#ctx.queries, {
      apply,
      guards: () => looksAtRows,
    })
  }
}

function hasSameChunks({ source: left }: MemoryTable, { source: right }: MemoryTable): boolean {
  return (
    left.chunks.length === right.chunks.length &&
    left.chunks.every((chunk, at) => chunk === right.chunks[at])
  )
}

export function skipping(message: string): Notice {
  return { sqlState: '00000', severity: 'NOTICE', message: `${message}, skipping` }
}

/** Errors: SYNTAX_ERROR. */
export function refuseIdentity(altered: AlteredTable, position: number, hint?: string): void {
  if (altered.rules.identities?.[position] === undefined) return
  const { name } = altered.field(position)
  const message = `column "${name}" of relation "${altered.name}" is an identity column`
  throw new QueryError('SYNTAX_ERROR', message, hint === undefined ? {} : { hint })
}
