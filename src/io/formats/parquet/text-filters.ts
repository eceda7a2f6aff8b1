import type { Expression } from '../../../plan/logical/expression.ts'
import type { ScanRequest } from '../../scan/source.ts'
import { comparisonOf } from '../../../plan/logical/predicates.ts'

/** Texts of which a column must have one, for a row to satisfy a predicate: one set a predicate. */
export type TextFilters = readonly ReadonlySet<string>[]

/**
 * The predicates that a column's dictionary alone can decide, by schema position: equality with
 * texts, IN lists of texts, and ORs of those over one column.
 */
export function textFilters(request: ScanRequest): ReadonlyMap<number, TextFilters> {
  const filters = new Map<number, ReadonlySet<string>[]>()
  for (const predicate of request.predicates) {
    const choice = choiceOf(predicate)
    const position = choice && request.predicateColumns.get(choice.column)
    if (choice === undefined || position === undefined) continue
    filters.set(position, [...(filters.get(position) ?? []), choice.texts])
  }
  return filters
}

interface Choice {
  readonly column: number
  readonly texts: ReadonlySet<string>
}

function choiceOf(expr: Expression): Choice | undefined {
  switch (expr.kind) {
    case 'call': {
      const [left, right] = expr.args
      if (comparisonOf(expr) !== '=' || left === undefined || right === undefined) return undefined
      return left.kind === 'column' ? choice(left, [right]) : choice(right, [left])
    }
    case 'in-list':
      return choice(expr.arg, expr.list)
    case 'in-set': {
      const { arg, values } = expr
      if (arg.kind !== 'column' || arg.type.kind !== 'text') return undefined
      return { column: arg.id, texts: new Set(values.filter((value) => typeof value === 'string')) }
    }
    case 'or': {
      const choices = expr.args.map(choiceOf)
      const column = choices[0]?.column
      if (column === undefined || choices.some((other) => other?.column !== column)) {
        return undefined
      }
      return { column, texts: new Set(choices.flatMap((other) => [...(other?.texts ?? [])])) }
    }
    case 'column':
    case 'literal':
    case 'parameter':
    case 'cast':
    case 'case':
    case 'and':
    case 'let':
    case 'subquery':
      return undefined
  }
}

function choice(arg: Expression, members: readonly Expression[]): Choice | undefined {
  if (arg.kind !== 'column' || arg.type.kind !== 'text') return undefined
  const texts = new Set<string>()
  for (const member of members) {
    if (member.kind !== 'literal') return undefined
    // NULL equals nothing.
    if (member.value === null) continue
    if (typeof member.value !== 'string') return undefined
    texts.add(member.value)
  }
  return { column: arg.id, texts }
}
