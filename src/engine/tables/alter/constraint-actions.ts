import { finishSteps } from '../../../base/steps.ts'
import { QueryError } from '../../../base/errors.ts'
import { indexNames } from '../../../plan/catalog/indexes.ts'
import { overtaken } from '../../../plan/catalog/indexes.ts'
import {
  hasKeyOver,
  referencesTo,
  shownReference,
  unkeyed,
} from '../../../plan/catalog/references.ts'
import { addRelation } from '../../../plan/catalog/relations.ts'
import type { CheckRule, KeyRule } from '../../../plan/catalog/table-rules.ts'
import type {
  ConstraintAction,
  ForeignKeyConstraint,
  TableConstraint,
} from '../../../sql/ast/definition.ts'
import type { StatementContext } from '../../context/statement-context.ts'
import { foreignKeyRules } from '../declared-references.ts'
import { checkRules, keyRules, RuleNames } from '../declared-table.ts'
import { memoryTableIn } from '../memory-tables.ts'
import { checkReferring } from '../references.ts'
import { skipping, type AlteredTable } from './altered-table.ts'
import { checkHolds, checkNoNulls, checkUnique } from './check-rows.ts'

type DropConstraint = Extract<ConstraintAction, { readonly kind: 'drop-constraint' }>

/** ADD CONSTRAINT: rows that are there must keep it. Errors: those of constraints. */
export function addConstraint(
  ctx: StatementContext,
  altered: AlteredTable,
  constraint: TableConstraint,
): void {
  const names = namesOf(ctx, altered)
  if (constraint.kind === 'check') return addCheck(ctx, altered, constraint, names)
  if (constraint.kind === 'foreign-key') return addForeignKey(ctx, altered, constraint, names)
  const { keys } = altered.rules
  if (constraint.primary && keys.some(({ kind }) => kind === 'primary')) {
    const message = `multiple primary keys for table "${altered.name}" are not allowed`
    throw new QueryError('INVALID_TABLE_DEFINITION', message, { span: constraint.span })
  }
  const [rule] = keyRules([constraint], altered.columns, altered.name, names)
  if (rule === undefined) return
  if (constraint.primary) {
    for (const position of rule.columns) {
      altered.check((table) => checkNoNulls(ctx.queries, table, position))
      altered.changeField(position, { nullable: false })
    }
  }
  altered.check((table) => checkUnique(ctx.queries, table, rule))
  const isFirst = rule.kind === 'primary'
  altered.changeRules({ keys: isFirst ? [rule, ...keys] : [...keys, rule] })
}

function addCheck(
  ctx: StatementContext,
  altered: AlteredTable,
  constraint: Extract<TableConstraint, { readonly kind: 'check' }>,
  names: RuleNames,
): void {
  if (constraint.name !== undefined && names.has(constraint.name.text)) {
    const message = `constraint "${constraint.name.text}" for relation "${altered.name}" already exists`
    throw new QueryError('DUPLICATE_OBJECT', message)
  }
  const columns = altered.outputs()
  const steps = checkRules(
    ctx,
    { columns: [], constraints: [constraint] },
    { table: altered.name, columns, names },
  )
  const added = finishSteps(steps)
  for (const rule of added) {
    altered.check((table) => checkHolds(ctx.queries, table, rule, constraint.span))
  }
  altered.changeRules({ checks: inOrder([...altered.rules.checks, ...added]) })
}

function addForeignKey(
  ctx: StatementContext,
  altered: AlteredTable,
  constraint: ForeignKeyConstraint,
  names: RuleNames,
): void {
  const { before, columns, rules } = altered
  const now = { ...before, columns, rules }
  for (const rule of foreignKeyRules(ctx, [constraint], now, names)) {
    altered.check((table) => {
      const catalog = addRelation(ctx.catalog, table, 'replace')
      return checkReferring(ctx.queries, catalog, table, rule)
    })
    altered.changeRules({ foreignKeys: [...(altered.rules.foreignKeys ?? []), rule] })
    altered.requireTarget(rule)
  }
}

function inOrder(checks: readonly CheckRule[]): readonly CheckRule[] {
  return checks.toSorted((left, right) => (left.name < right.name ? -1 : 1))
}

function namesOf({ catalog }: StatementContext, { before, rules, name }: AlteredTable): RuleNames {
  const taken = new Set(indexNames(catalog, before.schema))
  for (const key of rules.keys) taken.delete(key.name)
  const names = new RuleNames(taken)
  const own = [...rules.checks, ...rules.keys, ...(rules.foreignKeys ?? [])]
  for (const rule of own) names.take(rule.name, name)
  return names
}

/** What foreign keys that are over a key come to when it goes. Errors: DEPENDENT_OBJECTS. */
function loseKey(
  altered: AlteredTable,
  { constraintName: { text }, cascade }: DropConstraint,
  left: readonly KeyRule[],
): void {
  const { before, name } = altered
  const needing = unkeyed(altered.references, left).filter(({ rule }) =>
    hasKeyOver(altered.rules.keys, rule.targetColumns),
  )
  if (needing.length > 0 && !cascade) {
    const message = `cannot drop constraint ${text} on table ${name} because other objects depend on it`
    throw new QueryError('DEPENDENT_OBJECTS', message, {
      detail: needing.map((one) => `${shownReference(one)} depends on index ${text}`).join('\n'),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    })
  }
  altered.dropReferences(needing)
  altered.then((root) => {
    const keys = memoryTableIn(root, before.schema, name)?.rules?.keys ?? []
    const unmet = unkeyed(referencesTo(root, before), keys)
    if (unmet.length > 0) throw overtaken()
    return root
  })
}

/** DROP CONSTRAINT. Errors: UNDEFINED_OBJECT, DEPENDENT_OBJECTS. */
export function dropConstraint(
  _: StatementContext,
  altered: AlteredTable,
  action: DropConstraint,
): void {
  const { text } = action.constraintName
  const { checks, keys, foreignKeys = [] } = altered.rules
  const isIt = ({ name }: { readonly name: string }): boolean => name === text
  const isKey = (key: KeyRule): boolean => isIt(key) && key.kind !== 'index'
  if (![...checks, ...foreignKeys].some(isIt) && !keys.some(isKey)) {
    const message = `constraint "${text}" of relation "${altered.name}" does not exist`
    if (!action.ifExists) throw new QueryError('UNDEFINED_OBJECT', message)
    altered.notices.push(skipping(message))
    return
  }
  const keysLeft = keys.filter((key) => !isKey(key))
  if (keysLeft.length < keys.length) loseKey(altered, action, keysLeft)
  altered.changeRules({
    checks: checks.filter((check) => !isIt(check)),
    keys: keysLeft,
    ...(altered.rules.foreignKeys && {
      foreignKeys: altered.rules.foreignKeys.filter((key) => !isIt(key)),
    }),
  })
}

/** RENAME CONSTRAINT. Errors: UNDEFINED_OBJECT, DUPLICATE_OBJECT, DUPLICATE_TABLE. */
export function renameConstraint(
  ctx: StatementContext,
  altered: AlteredTable,
  from: string,
  to: string,
): void {
  const { checks, keys, foreignKeys } = altered.rules
  const names = namesOf(ctx, altered)
  if (!names.has(from)) {
    const message = `constraint "${from}" for table "${altered.name}" does not exist`
    throw new QueryError('UNDEFINED_OBJECT', message)
  }
  names.take(to, altered.name)
  const of = <Rule extends { readonly name: string }>(rule: Rule): Rule =>
    rule.name === from ? { ...rule, name: to } : rule
  altered.changeRules({
    checks: inOrder(checks.map(of)),
    keys: keys.map(of),
    ...(foreignKeys && { foreignKeys: foreignKeys.map(of) }),
  })
}
