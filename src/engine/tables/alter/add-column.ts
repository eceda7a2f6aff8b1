import { present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import { bindDefaultOf, bindGeneratedOf } from '../../../plan/binder/table-rules.ts'
import { bindTargetOf, withinLimits } from '../../../plan/binder/changes/stored-value.ts'
import { defaultOf } from '../../../plan/catalog/default-sequences.ts'
import type { TableRules } from '../../../plan/catalog/table-rules.ts'
import { named } from '../../../plan/logical/build.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { OutputColumn } from '../../../plan/logical/relation.ts'
import type { ColumnAction, IdentityClause, TableConstraint } from '../../../sql/ast/definition.ts'
import { parseExpression } from '../../../sql/parse.ts'
import { placedAt } from '../../../sql/placed-at.ts'
import type { StatementContext } from '../../context/statement-context.ts'
import { columnSequences, declaredColumns, declaredDefault } from '../declared-table.ts'
import { generatedClause, generatedRules } from '../declared-generated.ts'
import { identityOf } from '../owned-sequences.ts'
import { skipping, type AlteredTable } from './altered-table.ts'
import { addConstraint } from './constraint-actions.ts'
import { checkNoNulls } from './check-rows.ts'

type AddColumn = Extract<ColumnAction, { readonly kind: 'add-column' }>

/** ADD COLUMN: rows that are there get what the column has where none is given. */
export function addColumn(
  ctx: StatementContext,
  altered: AlteredTable,
  { definition, ifNotExists, span }: AddColumn,
): void {
  const { name } = definition
  if (altered.columns.some((field) => field.name === name.text)) {
    const message = `column "${name.text}" of relation "${altered.name}" already exists`
    if (!ifNotExists) throw new QueryError('DUPLICATE_COLUMN', message)
    altered.notices.push(skipping(message))
    return
  }
  const own = definition.constraints.filter(isOfTable)
  const primary = own.find((constraint) => constraint.kind === 'key' && constraint.primary)
  const [field] = declaredColumns(
    ctx,
    [definition],
    altered.name,
    primary?.kind === 'key' ? primary : undefined,
  )
  if (field === undefined) return
  const place = { schema: altered.before.schema, name: altered.name }
  const [sequence] = columnSequences(ctx, [definition], [field], place)
  const said = declaredDefault(ctx, definition, field, altered.name)
  const position = altered.columns.length
  const generated = generatedClause(definition, altered.name)
  const rows = altered.outputs()
  const before = altered.columns
  altered.columns = [...before, field]
  if (sequence !== undefined) altered.addSequence(sequence)
  altered.changeRules({
    defaults: padded(altered.rules.defaults, position, sequence ? defaultOf(sequence) : said),
    ...identityRule(altered.rules, position, identityOf(definition, altered.name)),
  })
  if (generated !== undefined) {
    const column = { ...field, id: ctx.columnIds.next(), nullable: true }
    const plain = { ...definition, constraints: [] }
    const others = altered.rules.generated ?? before.map(() => undefined)
    const rule = generatedRules(ctx, [...before.map(() => plain), definition], {
      table: altered.name,
      fields: altered.columns,
      columns: [...rows, column],
      there: others,
    })
    altered.changeRules({ generated: padded(others, position, rule.generated?.[position]) })
  }
  const value = valueOfAdded(ctx, altered, position, { span, rows })
  altered.computeRows([
    ...before.map((_, at) => altered.kept(at)),
    named(ctx.columnIds, field.name, withinLimits(ctx.queries.binder(), value, field)),
  ])
  if (!field.nullable) altered.check((table) => checkNoNulls(ctx.queries, table, position))
  for (const constraint of own) addConstraint(ctx, altered, constraint)
}

function isOfTable(
  constraint: AddColumn['definition']['constraints'][number],
): constraint is TableConstraint {
  const { kind } = constraint
  return kind === 'check' || kind === 'key' || kind === 'foreign-key'
}

/** What the rows that are there have in a column that was added. */
function valueOfAdded(
  ctx: StatementContext,
  { before, columns, rules, name }: AlteredTable,
  position: number,
  { span, rows }: { readonly span: AddColumn['span']; readonly rows: readonly OutputColumn[] },
): Expression {
  const binder = ctx.queries.binder()
  const text = rules.generated?.[position]
  if (text === undefined) {
    return bindDefaultOf(binder, bindTargetOf({ ...before, columns, rules }, position, span))
  }
  const field = present(columns[position], 'an added column')
  const ast = placedAt(parseExpression(text), span)
  return bindGeneratedOf(binder, { ast, field, table: name, columns: rows })
}

function identityRule(
  { identities }: TableRules,
  position: number,
  clause: IdentityClause | undefined,
): Pick<TableRules, 'identities'> {
  const own = clause && { always: clause.always }
  if (identities === undefined && own === undefined) return {}
  return { identities: padded(identities ?? [], position, own) }
}

/** A list with a value for one more column. */
export function padded<T>(
  list: readonly (T | undefined)[],
  position: number,
  value: T | undefined,
): readonly (T | undefined)[] {
  return [...Array.from({ length: position }, (_, at) => list[at]), value]
}
