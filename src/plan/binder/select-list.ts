import { isOverdue, NODE_STEPS, spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import type { Steps } from '../../base/steps.ts'
import type { AstStar } from '../../sql/ast/expression.ts'
import type { SelectItem } from '../../sql/ast/select.ts'
import { nearestName } from '../catalog/suggest.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { Expression } from '../logical/expression.ts'
import { forEachColumn } from './column-choice.ts'
import { bindIn, isLong, stepsIn, within } from './context.ts'
import type { Clause, Scope, ScopeColumn } from './context.ts'
import { outputName } from './output-name.ts'
import { expandRow } from './rows.ts'
import { resolveTable } from './scope.ts'

/** A column of the result: its name, and whether the statement gave it. */
export interface OutputItem {
  readonly name: string
  readonly expr: Expression
}

/** Columns of a result at most, with those that only its order or its groups need, as PostgreSQL's. */
const ENTRIES_MAX = 1664

/** Refuses what is wider than a row may be. Errors: TOO_MANY_COLUMNS. */
export function checkEntries(entries: number): void {
  if (entries <= ENTRIES_MAX) return
  const message = `target lists can have at most ${ENTRIES_MAX} entries`
  throw new QueryError('TOO_MANY_COLUMNS', message)
}

/** The same for expressions of which those that are written again are one entry. */
export function checkKeys(keys: readonly Expression[]): void {
  if (keys.length > ENTRIES_MAX) checkEntries(new Set(keys.map(expressionKey)).size)
}

/** Refuses more than an aggregate may keep of each row. Errors: TOO_MANY_COLUMNS. */
export function checkKeptColumns(columns: number): void {
  if (columns <= ENTRIES_MAX) return
  const message = `number of columns (${columns}) exceeds limit (${ENTRIES_MAX})`
  throw new QueryError('TOO_MANY_COLUMNS', message)
}

/** Binds the select list, or RETURNING's, with `*` spread out. */
export function* bindSelectList(
  scope: Scope,
  items: readonly SelectItem[],
  clause: 'SELECT' | 'RETURNING' = 'SELECT',
): Steps<readonly OutputItem[]> {
  const outputs: OutputItem[] = []
  for (const item of items) {
    if (isOverdue()) yield
    if (item.expr.kind === 'star') {
      const all = columnsOfStar(scope, item.expr, clause)
      spend(all.length * NODE_STEPS)
      for (const output of all) outputs.push(output)
    } else if (item.expr.kind === 'composite-star') {
      const { expr: star } = item
      for (const output of within(scope, clause, () => expandRow(scope, star))) {
        outputs.push(output)
      }
    } else {
      const { expr: ast } = item
      const own = item.alias?.text
      if (isLong(ast)) {
        outputs.push({ name: own ?? outputName(ast), expr: yield* stepsIn(scope, clause, ast) })
        continue
      }
      for (const { expr, column } of forEachColumn(scope, () => bindIn(scope, clause, ast))) {
        outputs.push({ name: own ?? column ?? outputName(ast), expr })
      }
    }
  }
  checkEntries(outputs.length)
  return outputs
}

/** The columns of `*`, with its changes. Errors: UNDEFINED_COLUMN. */
export function columnsOfStar(scope: Scope, star: AstStar, clause: Clause): readonly OutputItem[] {
  const { qualifier } = star
  if (qualifier === undefined && scope.tables.length === 0 && scope.columns.length === 0) {
    throw new QueryError('SYNTAX_ERROR', 'SELECT * with no tables specified is not valid', {
      span: star.span,
    })
  }
  const named = qualifier === undefined ? scope.columns : resolveTable(scope, qualifier).columns
  const all = named.filter(({ isNamedOnly }) => isNamedOnly !== true)
  checkNames(all, star)
  const excluded = new Set(star.exclude.map((name) => name.text))
  const replaced = new Map(star.replace.map(({ name, expr }) => [name.text, expr]))
  const renamed = new Map(star.rename.map(({ name, to }) => [name.text, to.text]))
  return all
    .filter((column) => !excluded.has(column.name))
    .map(({ name, expr }) => {
      const replacement = replaced.get(name)
      if (replacement !== undefined) return { name, expr: bindIn(scope, clause, replacement) }
      return { name: renamed.get(name) ?? name, expr: { ...expr, span: star.span } }
    })
}

function checkNames(columns: readonly ScopeColumn[], star: AstStar): void {
  const names = columns.map((column) => column.name)
  const changed = [...star.replace, ...star.rename].map((item) => item.name)
  for (const name of [...star.exclude, ...changed]) {
    if (names.includes(name.text)) continue
    const nearest = nearestName(name.text, names)
    throw new QueryError('UNDEFINED_COLUMN', `column "${name.text}" does not exist`, {
      span: name.span,
      ...(nearest !== undefined && { hint: `Did you mean "${nearest}"?` }),
    })
  }
}
