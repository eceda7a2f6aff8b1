import { QueryError } from '../../base/errors.ts'
import type { Identifier, QualifiedName } from '../../sql/ast/expression.ts'
import { nearestName } from '../catalog/suggest.ts'
import type { Expression } from '../logical/expression.ts'
import { namedArgument } from './routines/arguments.ts'
import { wholeRow } from './whole-row.ts'
import { ofOtherDatabase, shownName, tooManyNames } from './object-name.ts'
import type {
  Namespace,
  QueryEnvironment,
  QueryLevel,
  Scope,
  ScopeColumn,
  ScopeTable,
} from './context.ts'

export const emptyNamespace: Namespace = { tables: [], columns: [] }

export function scopeOf(
  namespace: Namespace,
  level: QueryLevel,
  environment: QueryEnvironment,
): Scope {
  const { tables, columns } = namespace
  return { tables, columns, level, environment }
}

/** Two FROM items side by side. Errors: DUPLICATE_ALIAS. */
export function mergeNamespaces(
  left: Namespace,
  right: Namespace,
  columns: readonly ScopeColumn[] = [...left.columns, ...right.columns],
): Namespace {
  for (const table of right.tables) {
    if (left.tables.some((other) => sameTable(other, table))) {
      throw new QueryError(
        'DUPLICATE_ALIAS',
        `table name "${table.alias}" specified more than once`,
      )
    }
  }
  return { tables: [...left.tables, ...right.tables], columns }
}

/** What a column name means. Errors: UNDEFINED_COLUMN, UNDEFINED_TABLE, AMBIGUOUS_COLUMN. */
export function resolveColumn(scope: Scope, name: QualifiedName): Expression {
  const found = lookupColumn(scope, name)
  if (found !== undefined) return { ...found, span: name.span }
  throw undefinedColumn(scope, name)
}

/** The same without the error for a name that means nothing. A table's name means its row. */
export function lookupColumn(scope: Scope, name: QualifiedName): Expression | undefined {
  const value = lookupValue(scope, name)
  if (value !== undefined) return value
  const { binder } = scope.environment
  const table = lookupTable(scope, name)
  if (table === undefined) return namedArgument(binder, name)
  return table.wholeRow ?? wholeRow(binder, table, name.span)
}

/** The column that a name means. */
export function lookupValue(scope: Scope, name: QualifiedName): Expression | undefined {
  if (name.parts.length > 4) throw tooManyNames(shownName(name), name.span)
  const last = name.parts.at(-1)!
  const qualifier = name.parts.slice(0, -1)
  for (let at: Scope | undefined = scope; at !== undefined; at = at.environment.parent) {
    if (qualifier.length === 0) {
      const column = bareColumn(at, last, name)
      if (column !== undefined) return column.expr
      continue
    }
    const table = tableNamed(at, qualifier)
    if (table !== undefined) return columnOf(table, last, name).expr
  }
  return undefined
}

/** The table that a bare name means, wherever it is in sight. */
export function lookupTable(scope: Scope, name: QualifiedName): ScopeTable | undefined {
  if (name.parts.length > 1) return undefined
  for (let at: Scope | undefined = scope; at !== undefined; at = at.environment.parent) {
    const table = tableNamed(at, name.parts)
    if (table !== undefined) return table
  }
  return undefined
}

/** The bare name among the columns of this query's own FROM, if there is just one such column. */
export function ownColumn(scope: Scope, name: QualifiedName): Expression | undefined {
  const [only] = name.parts
  if (name.parts.length !== 1 || only === undefined) return undefined
  const column = bareColumn(scope, only, name)
  return column && { ...column.expr, span: name.span }
}

/** The table that `t.*` or `s.t.*` means. Errors: UNDEFINED_TABLE, AMBIGUOUS_ALIAS. */
export function resolveTable(scope: Scope, name: QualifiedName): ScopeTable {
  if (name.parts.length > 3) throw tooManyNames(`${shownName(name)}.*`, name.span)
  for (let at: Scope | undefined = scope; at !== undefined; at = at.environment.parent) {
    const table = tableNamed(at, name.parts)
    if (table !== undefined) return table
  }
  if (name.parts.length > 2) throw ofOtherDatabase(`${shownName(name)}.*`, name.span)
  throw missingTable(scope, name.parts, name)
}

function bareColumn(scope: Scope, part: Identifier, name: QualifiedName): ScopeColumn | undefined {
  const matches = scope.columns.filter((column) => column.name === part.text)
  if (matches.length > 1) {
    throw new QueryError('AMBIGUOUS_COLUMN', `column reference "${part.text}" is ambiguous`, {
      span: name.span,
      hint: 'Write the name of its table in front of it.',
    })
  }
  return matches[0]
}

function tableNamed(scope: Scope, parts: readonly Identifier[]): ScopeTable | undefined {
  const names = parts.map((part) => part.text).slice(-2)
  const alias = names.at(-1)
  const schema = names.length > 1 ? names[0] : undefined
  const matches = scope.tables.filter(
    (table) => table.alias === alias && (schema === undefined || table.schema === schema),
  )
  if (matches.length > 1) {
    throw new QueryError('AMBIGUOUS_ALIAS', `table reference "${alias}" is ambiguous`, {
      ...(parts[0] && { span: parts[0].span }),
    })
  }
  return matches[0]
}

function columnOf(table: ScopeTable, part: Identifier, name: QualifiedName): ScopeColumn {
  const matches = table.columns.filter((column) => column.name === part.text)
  const [only] = matches
  if (matches.length > 1) {
    throw new QueryError('AMBIGUOUS_COLUMN', `column reference "${part.text}" is ambiguous`, {
      span: name.span,
    })
  }
  if (only !== undefined) return only
  const nearest = nearestName(
    part.text,
    table.columns.map((column) => column.name),
  )
  throw new QueryError('UNDEFINED_COLUMN', `column ${table.alias}.${part.text} does not exist`, {
    span: name.span,
    ...(nearest !== undefined && { hint: referenceHint([`${table.alias}.${nearest}`]) }),
  })
}

function undefinedColumn(scope: Scope, name: QualifiedName): QueryError {
  const last = name.parts.at(-1)!.text
  if (name.parts.length > 3) return ofOtherDatabase(shownName(name), name.span)
  if (name.parts.length > 1) return missingTable(scope, name.parts.slice(0, -1), name)
  return new QueryError('UNDEFINED_COLUMN', `column "${last}" does not exist`, {
    span: name.span,
    ...nearColumns(scope, last),
  })
}

function nearColumns(scope: Scope, name: string): { readonly hint?: string } {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.environment.parent) {
    const nearest = nearestName(
      name,
      at.tables.flatMap((table) => table.columns.map((column) => column.name)),
    )
    if (nearest === undefined) continue
    const owners = at.tables.filter((t) => t.columns.some((column) => column.name === nearest))
    return { hint: referenceHint(owners.slice(0, 2).map((t) => `${t.alias}.${nearest}`)) }
  }
  return {}
}

function referenceHint(names: readonly string[]): string {
  const shown = names.map((name) => `the column "${name}"`).join(' or ')
  return `Perhaps you meant to reference ${shown}.`
}

function missingTable(scope: Scope, parts: readonly Identifier[], name: QualifiedName): QueryError {
  const wanted = parts.at(-1)!.text
  const { span } = name
  for (let at: Scope | undefined = scope; at !== undefined; at = at.environment.parent) {
    const renamed = at.tables.find((table) => table.hiddenName === wanted)
    if (renamed === undefined) continue
    return new QueryError(
      'UNDEFINED_TABLE',
      `invalid reference to FROM-clause entry for table "${wanted}"`,
      { span, hint: `Perhaps you meant to reference the table alias "${renamed.alias}".` },
    )
  }
  if (scope.environment.hidden?.tables.some((table) => table.alias === wanted) === true) {
    return new QueryError(
      'UNDEFINED_TABLE',
      `invalid reference to FROM-clause entry for table "${wanted}"`,
      {
        span,
        detail:
          `There is an entry for table "${wanted}", ` +
          'but it cannot be referenced from this part of the query.',
        hint: 'Put LATERAL in front of the subquery to let it refer to earlier items of FROM.',
      },
    )
  }
  const aliases = scope.tables.map((table) => table.alias)
  const nearest = nearestName(wanted, aliases)
  return new QueryError('UNDEFINED_TABLE', `missing FROM-clause entry for table "${wanted}"`, {
    span,
    ...(nearest !== undefined && { hint: `Did you mean "${nearest}"?` }),
  })
}

function sameTable(left: ScopeTable, right: ScopeTable): boolean {
  if (left.alias !== right.alias) return false
  const bothNamed = left.schema !== undefined && right.schema !== undefined
  return !bothNamed || left.schema === right.schema
}
