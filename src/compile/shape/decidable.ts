import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import { expressionChildrenOf } from '../../plan/logical/walk.ts'
import { dictionaryPredicate } from '../expressions/call-out.ts'
import { canRaise } from '../expressions/expression-traits.ts'
import type { PipelineView } from '../model/shapes.ts'
import { codedColumn, hasEntries, type CodedColumn } from './by-entry.ts'

/** A condition that can be decided for each entry of a column's dictionary, before rows are looked at. */
export interface Decidable extends CodedColumn {
  /** Whether the result may be NULL for a text that is not. */
  readonly mayBeUnknown: boolean
  /** Whether the entries' bytes fit one 128-bit register. */
  readonly isShort: boolean
}

/**
 * How a condition is decided ahead: it reads one text column of the driving chunk, which is
 * dictionary-encoded, and raises no errors, as entries that no row has are looked at too.
 */
export function decidable(view: PipelineView, expr: Expression): Decidable | undefined {
  if (expr.type.kind !== 'bool' || expr.kind === 'literal' || expr.kind === 'column')
    return undefined
  if (!hasEntries(view)) return undefined
  const predicate = dictionaryPredicate(expr)
  if (predicate === undefined) return undefined
  const coded = codedColumn(view, renamed(view, predicate.column))
  if (coded === undefined || canRaise(expr)) return undefined
  return {
    ...coded,
    mayBeUnknown: mayBeUnknown(expr),
    isShort: coded.layout === 'dict8' && coded.entries === 'few',
  }
}

/** The physical column behind projections that only rename. */
function renamed(view: PipelineView, column: ColumnId): ColumnId {
  let id = column
  for (;;) {
    const definition = view.pipeline.definitions.get(id)
    if (definition?.kind !== 'column') return id
    id = definition.id
  }
}

/** Whether an expression may be NULL although no column in it is. */
function mayBeUnknown(expr: Expression): boolean {
  switch (expr.kind) {
    case 'column':
    case 'parameter':
      return false
    case 'literal':
      return expr.value === null
    case 'call':
      if (expr.fn.nulls === 'called') return true
      break
    case 'in-set':
      if (expr.hasNull) return true
      break
    case 'and':
    case 'or':
    case 'in-list':
      break
    // What decides or may raise is not looked through.
    case 'case':
    case 'cast':
    case 'let':
    case 'subquery':
      return true
  }
  return expressionChildrenOf(expr).some(mayBeUnknown)
}
