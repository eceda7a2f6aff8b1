import { notSupported } from '../../base/errors.ts'
import { comesField } from '../../plan/binder/changes/merge.ts'
import { rowNumberField } from '../../plan/binder/changes/change.ts'
import { generatedColumns } from '../../plan/binder/changes/stored-value.ts'
import {
  actedOn,
  keysOfGone,
  keysOfRenewed,
  referringRows,
  type LostKeys,
  type ReferringTable,
} from '../../plan/binder/reference-actions.ts'
import { nowhere } from '../../plan/binder/row-checks.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import { referencesTo, type Reference } from '../../plan/catalog/references.ts'
import type { ForeignKeyRule, ReferenceRule } from '../../plan/catalog/table-rules.ts'
import { columnReference, filter, literal, scan } from '../../plan/logical/build.ts'
import { compared } from '../../plan/logical/predicates.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { unproven } from './alter/check-rows.ts'
import { matchedRows, newRows } from './changed-rows.ts'
import { memoryTableIn, tableOfRows, withChunks, type MemoryTable } from './memory-tables.ts'
import { numberedGroup, overGroup, wholeGroup, withRowNumbers } from './numbered-rows.ts'
import { mayPatch, patchSteps } from './patched-chunks.ts'
import { isActing, refuseReferring, type RowChange, type TouchedRows } from './references.ts'
import { replacedBy } from './replaced-by.ts'
import { ReplacedRows } from './replaced-rows.ts'
import { checkRows } from './row-rules.ts'

/** What one statement may come to by foreign keys that lead from table to table, or from a table to itself. */
const CHANGES_MAX = 10_000

/**
 * A change of rows with those that foreign keys make of it, in the order in which they are to be made: each of one table,
 * of all rows that refer to what the change before it took away. Errors: those of constraints, PROGRAM_LIMIT_EXCEEDED.
 */
export async function withActions(
  ctx: StatementContext,
  before: Catalog,
  first: RowChange,
): Promise<readonly RowChange[]> {
  const changes = [first]
  let root = first.apply(before)
  for (const { touched } of changes) {
    if (touched.going.length === 0) continue
    for (const event of ['delete', 'update'] as const) {
      for (const reference of referencesTo(root, touched.table)) {
        // What was done for one key may have changed the table of the next.
        const made = await actionOf(ctx, { root, touched, event }, current(root, reference))
        if (made === undefined) continue
        if (changes.length >= CHANGES_MAX) {
          throw notSupported(`more than ${CHANGES_MAX} steps of foreign keys for one statement`)
        }
        changes.push(made)
        root = made.apply(root)
      }
    }
  }
  return changes
}

interface Happening {
  readonly root: Catalog
  readonly touched: TouchedRows
  readonly event: 'delete' | 'update'
}

function current(root: Catalog, { table, rule }: Reference): Reference {
  return { table: memoryTableIn(root, table.schema, table.name) ?? table, rule }
}

/** What a foreign key does to the rows that refer to those that were changed; undefined for nothing. */
async function actionOf(
  ctx: StatementContext,
  { root, touched, event }: Happening,
  { table, rule }: Reference,
): Promise<RowChange | undefined> {
  const action = event === 'delete' ? rule.onDelete : rule.onUpdate
  if (action.kind === 'no action' || table.statistics.rows === 0) return undefined
  const isConcerned =
    event === 'delete'
      ? touched.mayDelete
      : touched.renewed !== undefined && rule.targetColumns.some((at) => touched.isAssigned(at))
  if (!isConcerned) return undefined
  const entry = table as MemoryTable
  const referring = { entry, numbered: withRowNumbers(entry), rule }
  return overLostKeys(ctx, { root, touched, event }, rule, async (lost, over) => {
    if (action.kind === 'restrict') {
      const target = memoryTableIn(root, rule.target.schema, rule.target.name)!
      const rows = { ...lost, rows: over(lost.rows) }
      await refuseReferring(ctx.queries, target, { table, rule }, rows)
      return undefined
    }
    if (action.kind === 'cascade' && event === 'delete') return taken(ctx, referring, lost, over)
    return assigned(ctx, referring, { lost, over, action })
  })
}

/** Puts the rows of a group in the place of a numbered table. */
type Over = (relation: Relation) => Relation

/** Does something with the keys that are lost by a change. */
async function overLostKeys<T>(
  ctx: StatementContext,
  { root, touched, event }: Happening,
  rule: ForeignKeyRule,
  run: (lost: LostKeys, over: Over) => Promise<T>,
): Promise<T> {
  const { columnIds, queries } = ctx
  const { renewed, going } = touched
  const target = memoryTableIn(root, rule.target.schema, rule.target.name)!
  const binder = queries.binder()
  const gone = (): LostKeys['rows'] => scan(columnIds, unproven(withChunks(target, going)))
  const after = (): Relation => scan(columnIds, target)
  if (renewed === undefined) {
    const lost = keysOfGone({ gone: gone(), after: after() }, binder, rule)
    return run(lost, (relation) => relation)
  }
  const { chunks } = renewed.table.source
  const whole = wholeGroup(chunks)
  const changed = new Set(going)
  const at = [...chunks.keys()].filter((index) => changed.has(chunks[index]!))
  const rows = await queries.inTurns(
    numberedGroup(ctx, {
      chunks: at.map((index) => chunks[index]!),
      firstRows: at.map((index) => whole.firstRows[index]!),
    }),
  )
  try {
    const numbered = withRowNumbers(unproven(renewed.table) as MemoryTable)
    const keys = keysOfRenewed(
      {
        numbered: scan(columnIds, numbered),
        renewed: renewedRows(ctx, touched),
        first: renewed.first,
      },
      binder,
      rule,
    )
    const lost =
      event === 'update'
        ? keys
        : keysOfGone({ gone: gone(), after: after(), renewed: keys }, binder, rule)
    return await run(lost, (relation) => overGroup(relation, numbered, rows))
  } finally {
    rows.release()
  }
}

/** Rows as they are, with the numbers that they had in their table before; of MERGE those that stay. */
function renewedRows({ columnIds }: StatementContext, { renewed }: TouchedRows): Relation {
  const { table, chunks, first } = renewed!
  const heads = first === 1 ? [rowNumberField] : [rowNumberField, comesField]
  const columns = [...heads, ...unproven(table).columns]
  const rows = scan(columnIds, tableOfRows({ ...table, columns }, chunks))
  if (first === 1) return rows
  const comes = columnReference(rows.columns[1]!)
  return filter(rows, compared('=', comes, literal(1, comesField.type)))
}

/** The rows that refer to lost keys go. */
async function taken(
  ctx: StatementContext,
  referring: ReferringTable & { readonly entry: MemoryTable },
  lost: LostKeys,
  over: Over,
): Promise<RowChange | undefined> {
  const { entry, numbered } = referring
  const relation = over(referringRows(ctx.queries.binder(), referring, lost))
  const matched = await matchedRows(ctx, entry, { relation }, numbered)
  if (matched.stored.rows === 0) return undefined
  return replacedBy(ctx, entry, matched, { added: undefined, assigned: new Set(), span: nowhere })
}

/** The rows that refer to lost keys refer to others, or to none. */
async function assigned(
  ctx: StatementContext,
  referring: ReferringTable & { readonly entry: MemoryTable },
  {
    lost,
    over,
    action,
  }: { readonly lost: LostKeys; readonly over: Over; readonly action: ReferenceRule },
): Promise<RowChange | undefined> {
  const { entry, numbered } = referring
  const relation = over(actedOn(ctx.queries.binder(), referring, lost, action))
  const matched = await matchedRows(ctx, entry, { relation }, numbered)
  const { stored } = matched
  if (stored.rows === 0) return undefined
  const columns = new Set([...action.columns, ...generatedColumns(entry)])
  const added = await newRows(ctx, matched, entry)
  const positions = [...columns].map((column) => ({ column, from: column + 1 }))
  const replaced = mayPatch(entry, columns)
    ? await ctx.queries.inTurns(patchSteps(ctx, entry, stored, positions))
    : undefined
  if (replaced === undefined) {
    return replacedBy(ctx, entry, matched, {
      added,
      assigned: columns,
      span: nowhere,
      renewed: { table: entry, chunks: stored.chunks, first: 1 },
    })
  }
  const rows = { output: added, table: entry, span: nowhere }
  await checkRows(ctx.queries, rows, { rules: [], against: entry })
  const replacement = { replaced, added: [], assigned: columns, inPlace: columns }
  return new ReplacedRows(ctx.engine, entry, replacement)
}

/** Whether a change may be one that foreign keys do something about. */
export function mayAct(root: Catalog, { table, going }: TouchedRows): boolean {
  return going.length > 0 && referencesTo(root, table).some(({ rule }) => isActing(rule))
}
