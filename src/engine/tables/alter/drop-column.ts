import { QueryError } from '../../../base/errors.ts'
import type { Catalog, NeededRelation, ViewEntry } from '../../../plan/catalog/catalog.ts'
import { withoutObjects } from '../../../plan/catalog/drop.ts'
import { dependentViews } from '../../../plan/catalog/dependents.ts'
import {
  shownReference,
  withColumnsLeft,
  type Reference,
} from '../../../plan/catalog/references.ts'
import { addRelation } from '../../../plan/catalog/relations.ts'
import type { ForeignKeyRule } from '../../../plan/catalog/table-rules.ts'
import type { ColumnAction } from '../../../sql/ast/definition.ts'
import type { StatementContext } from '../../context/statement-context.ts'
import { skipping, type AlteredTable } from './altered-table.ts'
import { namesColumn } from './column-actions.ts'
import { viewsReading } from './views-reading.ts'

type DropColumn = ColumnAction & { readonly kind: 'drop-column' }

/** DROP COLUMN; keys and checks over it go with it. Errors: UNDEFINED_COLUMN, DEPENDENT_OBJECTS. */
export async function dropColumn(
  ctx: StatementContext,
  altered: AlteredTable,
  { column, ifExists, cascade }: DropColumn,
): Promise<void> {
  const { text } = column
  const position = altered.columns.findIndex(({ name }) => name === text)
  if (position < 0) {
    const message = `column "${text}" of relation "${altered.name}" does not exist`
    if (!ifExists) throw new QueryError('UNDEFINED_COLUMN', message)
    altered.notices.push(skipping(message))
    return
  }
  const { rules } = altered
  const views = await viewsReading(ctx, altered.before, text)
  const generated = (rules.generated ?? []).flatMap((written, at) =>
    written !== undefined && at !== position && namesColumn(ctx, altered, written, text)
      ? [at]
      : [],
  )
  const references = altered.references.filter(({ rule }) => rule.targetColumns.includes(position))
  if (!cascade) refuseDependents(altered, text, { views, generated, references })
  altered.dropReferences(references)
  const gone = new Set([position, ...(cascade ? generated : [])])
  takeColumns(ctx, altered, gone)
  altered.then((catalog) => withoutColumn(catalog, altered, text, views))
}

/** What cannot be without a column. */
interface Dependents {
  readonly views: readonly ViewEntry[]
  /** Positions of columns that are computed from it. */
  readonly generated: readonly number[]
  readonly references: readonly Reference[]
}

function refuseDependents(
  { name, columns }: AlteredTable,
  column: string,
  { views, generated, references }: Dependents,
): void {
  const on = `column ${column} of table ${name}`
  const dependents = [
    ...generated.map((at) => `column ${columns[at]?.name} of table ${name}`),
    ...views.map((view) => `view ${view.name}`),
    ...references.map(shownReference),
  ]
  if (dependents.length === 0) return
  throw new QueryError(
    'DEPENDENT_OBJECTS',
    `cannot drop ${on} because other objects depend on it`,
    {
      detail: dependents.map((one) => `${one} depends on ${on}`).join('\n'),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    },
  )
}

function takeColumns(
  ctx: StatementContext,
  altered: AlteredTable,
  gone: ReadonlySet<number>,
): void {
  const names = new Set([...gone].map((at) => altered.field(at).name))
  const { rules } = altered
  const checks = rules.checks.filter(
    ({ condition }) => ![...names].some((name) => namesColumn(ctx, altered, condition, name)),
  )
  const left = altered.columns.flatMap((_, at) => (gone.has(at) ? [] : [at]))
  altered.computeRows(left.map((at) => altered.kept(at)))
  const of = <T>(list: readonly T[]): readonly T[] => left.map((at) => list[at] as T)
  const moved = (positions: readonly number[]): readonly number[] =>
    positions.map((at) => left.indexOf(at))
  altered.columns = of(altered.columns)
  altered.changeRules({
    defaults: of(rules.defaults),
    checks,
    keys: rules.keys
      .filter(({ columns }) => !columns.some((at) => gone.has(at)))
      .map((key) => ({ ...key, columns: moved(key.columns) })),
    ...(rules.foreignKeys && { foreignKeys: ownReferences(altered, gone, moved) }),
    ...(rules.identities && { identities: of(rules.identities) }),
    ...(rules.generated && { generated: of(rules.generated) }),
  })
  altered.then((catalog) => withColumnsLeft(catalog, altered.before, left))
}

/** The foreign keys that are left of a table without some columns. */
function ownReferences(
  { rules }: AlteredTable,
  gone: ReadonlySet<number>,
  moved: (positions: readonly number[]) => readonly number[],
): readonly ForeignKeyRule[] {
  return (rules.foreignKeys ?? [])
    .filter(({ columns }) => !columns.some((at) => gone.has(at)))
    .map((rule) => ({
      ...rule,
      columns: moved(rule.columns),
      onUpdate: { ...rule.onUpdate, columns: moved(rule.onUpdate.columns) },
      onDelete: { ...rule.onDelete, columns: moved(rule.onDelete.columns) },
    }))
}

/** The views that read the column are gone, others never knew it; so is the sequence that the column owned. */
function withoutColumn(
  catalog: Catalog,
  { before: { schema, name } }: AlteredTable,
  column: string,
  views: readonly ViewEntry[],
): Catalog {
  const there = views.flatMap((view) => catalog.relations.get(view.schema)?.get(view.name) ?? [])
  const owned = [...(catalog.relations.get(schema)?.values() ?? [])].filter(
    (one) => one.kind === 'sequence' && one.owner?.name === name && one.owner.column === column,
  )
  let root = withoutObjects(catalog, [...there, ...owned], { cascade: true }).catalog
  const table = root.relations.get(schema)?.get(name)
  if (table === undefined) return root
  const forgetting = (needed: NeededRelation): NeededRelation => {
    if (needed.schema !== schema || needed.name !== name) return needed
    const current = needed.currentNames ?? needed.columnNames
    const kept = current.flatMap((one, at) => (one === column ? [] : [at]))
    return {
      ...needed,
      columnNames: kept.map((at) => needed.columnNames[at] ?? ''),
      currentNames: kept.map((at) => current[at] ?? ''),
    }
  }
  for (const view of dependentViews(root, [table])) {
    root = addRelation(root, { ...view, dependsOn: view.dependsOn.map(forgetting) }, 'replace')
  }
  return root
}
