import { notSupported, QueryError } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import { castKind, shownType } from '../../../data/types/coercion.ts'
import { coerce, settle } from '../../../plan/logical/typing.ts'
import { bindDefaultOf, bindGeneratedOf, bindUsingOf } from '../../../plan/binder/table-rules.ts'
import { bindTargetOf, withinLimits } from '../../../plan/binder/changes/stored-value.ts'
import { columnReference, named } from '../../../plan/logical/build.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { ColumnAction } from '../../../sql/ast/definition.ts'
import { parseExpression } from '../../../sql/parse.ts'
import { placedAt } from '../../../sql/placed-at.ts'
import { defaultOf } from '../../../plan/catalog/default-sequences.ts'
import type { StatementContext } from '../../context/statement-context.ts'
import { declaredColumns, declaredDefault } from '../declared-table.ts'
import { ownedSequence, takenNames } from '../owned-sequences.ts'
import { refuseIdentity, skipping, type AlteredTable } from './altered-table.ts'
import { padded } from './add-column.ts'
import { checkHolds, checkNoNulls, checkUnique } from './check-rows.ts'
import { viewsReading } from './views-reading.ts'

type Of<Kind extends ColumnAction['kind']> = ColumnAction & { readonly kind: Kind }

/** SET DEFAULT, DROP DEFAULT. Errors: SYNTAX_ERROR for columns that make their values; those of the expression. */
export function columnDefault(
  ctx: StatementContext,
  altered: AlteredTable,
  { column, value, span }: Of<'column-default'>,
): void {
  const position = altered.position(column)
  const hint =
    value === undefined ? 'Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.' : undefined
  refuseIdentity(altered, position, hint)
  if (altered.rules.generated?.[position] !== undefined) {
    const message = `column "${column.text}" of relation "${altered.name}" is a generated column`
    const own = 'Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.'
    throw new QueryError('SYNTAX_ERROR', message, value === undefined ? { hint: own } : {})
  }
  const field = altered.field(position)
  const definition = { name: column, type: noType, constraints: value ? [value] : [], span }
  const text = declaredDefault(ctx, definition, field, altered.name)
  const defaults = altered.columns.map((_, at) => {
    return at === position ? text : altered.rules.defaults[at]
  })
  altered.changeRules({ defaults })
}

const noType = { name: '', modifiers: [], arrayDimensions: 0, span: { start: 0, end: 0 } }

/** SET NOT NULL, DROP NOT NULL. Errors: NOT_NULL_VIOLATION, INVALID_TABLE_DEFINITION, SYNTAX_ERROR. */
export function columnNull(
  ctx: StatementContext,
  altered: AlteredTable,
  { column, notNull }: Of<'column-null'>,
): void {
  const position = altered.position(column)
  if (!notNull) {
    refuseIdentity(altered, position)
    const primary = altered.rules.keys.find(({ kind }) => kind === 'primary')
    if (primary?.columns.includes(position) === true) {
      throw new QueryError(
        'INVALID_TABLE_DEFINITION',
        `column "${column.text}" is in a primary key`,
      )
    }
  } else if (altered.field(position).nullable) {
    altered.check((table) => checkNoNulls(ctx.queries, table, position))
  }
  altered.changeField(position, { nullable: !notNull })
}

/** TYPE t USING e: rows are computed anew. Errors: DATATYPE_MISMATCH; FEATURE_NOT_SUPPORTED where a view reads the column. */
export async function columnType(
  ctx: StatementContext,
  altered: AlteredTable,
  { column, type, using, span }: Of<'column-type'>,
): Promise<void> {
  const position = altered.position(column)
  await refuseViews(ctx, altered, column.text)
  refuseReferences(altered, position, span)
  const definition = { name: column, type, constraints: [], span }
  const [declared] = declaredColumns(ctx, [definition], altered.name, undefined)
  if (declared === undefined) return
  const before = altered.field(position)
  const field = { ...declared, nullable: before.nullable }
  const binder = ctx.queries.binder()
  const columns = altered.outputs()
  const own = columns[position]!
  const cast = (expr: Expression): Expression => {
    const kind = castKind(expr.type, field.type)
    if (kind === 'implicit' || kind === 'assignment') return coerce(binder, expr, field.type)
    if (using !== undefined) throw usingOfOtherType(column.text, field.type)
    const message = `column "${column.text}" cannot be cast automatically to type ${shownType(field.type)}`
    throw new QueryError('DATATYPE_MISMATCH', message, {
      hint: `You might need to specify "USING ${column.text}::${shownType(field.type)}".`,
    })
  }
  const value =
    using === undefined
      ? cast(columnReference(own))
      : cast(bindUsingOf(binder, using, altered.name, columns))
  const exprs = altered.columns.map((_, at) =>
    at === position
      ? named(ctx.columnIds, field.name, withinLimits(binder, settle(binder, value), field))
      : altered.kept(at),
  )
  altered.computeRows(exprs)
  altered.columns = altered.columns.map((one, at) => (at === position ? field : one))
  checkDefault(ctx, altered, position, span)
  refuseGeneratedOver(ctx, altered, column.text)
  for (const rule of altered.rules.keys) {
    if (rule.columns.includes(position))
      altered.check((table) => checkUnique(ctx.queries, table, rule))
  }
  for (const rule of altered.rules.checks) {
    altered.check((table) => checkHolds(ctx.queries, table, rule, span))
  }
}

function usingOfOtherType(column: string, type: Expression['type']): QueryError {
  const shown = shownType(type)
  const message = `result of USING clause for column "${column}" cannot be cast automatically to type ${shown}`
  return new QueryError('DATATYPE_MISMATCH', message, {
    hint: 'You might need to add an explicit cast.',
  })
}

function checkDefault(
  ctx: StatementContext,
  altered: AlteredTable,
  position: number,
  span: Of<'column-type'>['span'],
): void {
  const { before, columns, rules } = altered
  try {
    bindDefaultOf(ctx.queries.binder(), bindTargetOf({ ...before, columns, rules }, position, span))
  } catch (error) {
    if (!(error instanceof QueryError) || error.code !== 'DATATYPE_MISMATCH') throw error
    const { name, type } = altered.field(position)
    const message = `default for column "${name}" cannot be cast automatically to type ${shownType(type)}`
    throw new QueryError('DATATYPE_MISMATCH', message)
  }
}

/** Errors: FEATURE_NOT_SUPPORTED for a column of a foreign key or of the key that one is over. */
function refuseReferences({ rules, references }: AlteredTable, position: number, span: Span): void {
  const isOwn = (rules.foreignKeys ?? []).some(({ columns }) => columns.includes(position))
  const isOver = references.some(({ rule }) => rule.targetColumns.includes(position))
  if (isOwn || isOver) throw notSupported('ALTER TYPE of a column of a foreign key', span)
}

function refuseGeneratedOver(ctx: StatementContext, altered: AlteredTable, column: string): void {
  const over = altered.rules.generated?.findIndex(
    (text) => text !== undefined && namesColumn(ctx, altered, text, column),
  )
  if (over === undefined || over < 0) return
  const message = 'cannot alter type of a column used by a generated column'
  const detail = `Column "${column}" is used by generated column "${altered.field(over).name}".`
  throw new QueryError('FEATURE_NOT_SUPPORTED', message, { detail })
}

/** Whether the text of a rule reads a column. */
export function namesColumn(
  ctx: StatementContext,
  altered: AlteredTable,
  text: string,
  column: string,
): boolean {
  const columns = altered.outputs().filter(({ name }) => name !== column)
  const ast = placedAt(parseExpression(text), { start: 0, end: 0 })
  const field = { name: '', type: { kind: 'unknown' } } as const
  try {
    bindGeneratedOf(ctx.queries.binder(), { ast, field, table: altered.name, columns })
    return false
  } catch (error) {
    if (error instanceof QueryError) return error.code === 'UNDEFINED_COLUMN'
    throw error
  }
}

async function refuseViews(
  ctx: StatementContext,
  altered: AlteredTable,
  column: string,
): Promise<void> {
  const [view] = await viewsReading(ctx, altered.before, column)
  if (view === undefined) return
  const message = 'cannot alter type of a column used by a view or rule'
  const detail = `rule _RETURN on view ${view.name} depends on column "${column}"`
  throw new QueryError('FEATURE_NOT_SUPPORTED', message, { detail })
}

/** ADD GENERATED ... AS IDENTITY. Errors: OBJECT_NOT_IN_STATE; those of options. */
export function addIdentity(
  { catalog }: StatementContext,
  altered: AlteredTable,
  { column, identity }: Of<'add-identity'>,
): void {
  const position = altered.position(column)
  const { schema, name: table } = altered.before
  const of = `column "${column.text}" of relation "${table}"`
  const { nullable, type } = altered.field(position)
  if (nullable) {
    const message = `${of} must be declared NOT NULL before identity can be added`
    throw new QueryError('OBJECT_NOT_IN_STATE', message)
  }
  if (altered.rules.identities?.[position] !== undefined) {
    throw new QueryError('OBJECT_NOT_IN_STATE', `${of} is already an identity column`)
  }
  if (altered.rules.defaults[position] !== undefined) {
    throw new QueryError('OBJECT_NOT_IN_STATE', `${of} already has a default value`)
  }
  const place = { schema, table, column: column.text, type }
  const sequence = ownedSequence(takenNames(catalog, schema), place, identity)
  altered.addSequence(sequence)
  const { defaults, identities = [] } = altered.rules
  altered.changeRules({
    defaults: withValue(altered, defaults, position, defaultOf(sequence)),
    identities: withValue(altered, identities, position, { always: identity.always }),
  })
}

function withValue<T>(
  { columns }: AlteredTable,
  list: readonly (T | undefined)[],
  position: number,
  value: T | undefined,
): readonly (T | undefined)[] {
  const whole = padded(list, columns.length - 1, list[columns.length - 1])
  return whole.map((one, at) => (at === position ? value : one))
}

/** DROP IDENTITY, DROP EXPRESSION. Errors: OBJECT_NOT_IN_STATE. */
export function dropOwnValue(
  { catalog }: StatementContext,
  altered: AlteredTable,
  { kind, column, ifExists }: Of<'drop-identity' | 'drop-expression'>,
): void {
  const position = altered.position(column)
  const { identities, generated, defaults } = altered.rules
  const isIdentity = kind === 'drop-identity'
  const list = isIdentity ? identities : generated
  if (list?.[position] === undefined) {
    const what = isIdentity ? 'an identity column' : 'a stored generated column'
    const message = `column "${column.text}" of relation "${altered.name}" is not ${what}`
    if (!ifExists) throw new QueryError('OBJECT_NOT_IN_STATE', message)
    altered.notices.push(skipping(message))
    return
  }
  if (!isIdentity) {
    altered.changeRules({ generated: withValue(altered, generated ?? [], position, undefined) })
    return
  }
  altered.changeRules({
    identities: withValue(altered, identities ?? [], position, undefined),
    defaults: withValue(altered, defaults, position, undefined),
  })
  const { schema, name } = altered.before
  const owned = [...(catalog.relations.get(schema)?.values() ?? [])].filter(
    (one) =>
      one.kind === 'sequence' && one.owner?.name === name && one.owner.column === column.text,
  )
  altered.dropSequences(owned)
}
