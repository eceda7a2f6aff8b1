import { notSupported } from '../../base/errors.ts'
import {
  currentSettingFunctions,
  refuseNoName,
  setConfigFunction,
} from '../../functions/session.ts'
import { literal } from '../../plan/logical/build.ts'
import { isVolatile } from '../../plan/logical/expression-size.ts'
import type { Call, Expression, Literal } from '../../plan/logical/expression.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import { simplify } from '../../plan/logical/simplify.ts'
import {
  mapExpressionChildren,
  rewriteAllExpressions,
  someExpression,
} from '../../plan/logical/walk.ts'

/** The settings as a query's functions read and set them. */
export interface SettingAccess {
  /** As SHOW prints it; undefined where there is none of the name. */
  find(name: string): string | undefined
  /** As {@link find}, but throws UNDEFINED_OBJECT. */
  show(name: string): string
  set(call: Call, name: string, value: string, local: boolean): void
}

/** A plan with the values of settings in place of `current_setting`; the same one where there is none. */
export function withCurrentSettings(relation: Relation, access: SettingAccess): Relation {
  return rewriteAllExpressions(relation, (expr) => currentSetting(expr, access))
}

/**
 * Does what `set_config` says in the select list of a query without FROM, and puts its value in place of it,
 * from left to right. Errors: what SET raises; FEATURE_NOT_SUPPORTED where a row would decide whether it is
 * called.
 */
export function withConfigSet(relation: Relation, access: SettingAccess): Relation {
  if (relation.kind !== 'project') return relation
  if (!relation.exprs.some(({ expr }) => setsSettings(expr))) return relation
  const { input } = relation
  const isOneRow = input.kind === 'values' && input.rows.length === 1
  const exprs = relation.exprs.map((named) => {
    if (!isOneRow) refuseSetConfig(named.expr)
    return { ...named, expr: settled(named.expr, access) }
  })
  return { ...relation, exprs }
}

function settled(expr: Expression, access: SettingAccess): Expression {
  if (expr.kind !== 'call' && expr.kind !== 'cast') {
    refuseSetConfig(expr)
    return expr
  }
  const node = mapExpressionChildren(expr, (child) => settled(child, access))
  if (!isSetConfig(node)) return currentSetting(node, access)
  const [name, value, local] = node.args.map((arg) => constantOf(arg))
  if (name === undefined || value === undefined || local === undefined) return node
  if (name.value === null) return refuseNoName()
  access.set(node, String(name.value), String(value.value ?? ''), local.value === true)
  return literal(access.show(String(name.value)), node.type, node.span)
}

function currentSetting(expr: Expression, access: SettingAccess): Expression {
  if (!isCurrentSetting(expr)) return expr
  const [name, missingIsNull] = expr.args.map((arg) => constantOf(arg))
  if (name === undefined || name.value === null) return expr
  const text = String(name.value)
  const quiet = missingIsNull?.value === true
  const value = quiet ? access.find(text) : access.show(text)
  return literal(value ?? null, expr.type, expr.span)
}

/** What is not volatile need not be searched: that is known of each expression, however large. */
function setsSettings(expr: Expression): boolean {
  return isVolatile(expr) && someExpression(expr, isSetConfig)
}

function isCurrentSetting(expr: Expression): expr is Call {
  return expr.kind === 'call' && currentSettingFunctions.includes(expr.fn)
}

function isSetConfig(expr: Expression): expr is Call {
  return expr.kind === 'call' && expr.fn === setConfigFunction
}

function constantOf(expr: Expression): Literal | undefined {
  const simple = simplify(expr)
  return simple.kind === 'literal' ? simple : undefined
}

function refuseSetConfig(expr: Expression): void {
  if (!setsSettings(expr)) return
  throw notSupported('set_config of anything but constants in the select list', expr.span)
}
