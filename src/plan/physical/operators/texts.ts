import { unreachable } from '../../../base/assert.ts'
import { explainExpression } from '../../logical/explain.ts'
import type { ColumnId, NamedExpression, SortKey } from '../../logical/expression.ts'
import type { Partitioning, Sight } from '../plan.ts'

/** How EXPLAIN shows the parts of physical operators. */
export function columnText({ id, name }: { readonly id: ColumnId; readonly name: string }): string {
  return `${name}#${id}`
}

export function namedTexts(exprs: readonly NamedExpression[]): string {
  return exprs.map((item) => namedText(item)).join(', ')
}

function namedText({ id, name, expr }: NamedExpression): string {
  const passed = expr.kind === 'column' && expr.id === id
  return passed
    ? columnText({ id, name })
    : `${columnText({ id, name })} = ${explainExpression(expr)}`
}

export function sortKeyText({ expr, descending, nullsFirst }: SortKey): string {
  const direction = descending ? ' desc' : ''
  const nulls = nullsFirst === descending ? '' : nullsFirst ? ' nulls first' : ' nulls last'
  return `${explainExpression(expr)}${direction}${nulls}`
}

function sightText(sight: Sight | undefined): string {
  return sight === undefined ? '' : ` and rows ${sight.before} before and ${sight.after} after`
}

export function partitioningText(partitioning: Partitioning): string {
  switch (partitioning.kind) {
    case 'hash':
      return `hash by ${partitioning.keys.map(explainExpression).join(', ')}`
    case 'range':
      return `range by ${partitioning.keys.map(sortKeyText).join(', ')}${sightText(partitioning.sight)}`
    case 'numbered':
      return `numbered by ${explainExpression(partitioning.number)}`
    case 'gather':
    case 'broadcast':
    case 'round-robin':
    case 'stay':
      return partitioning.kind
    default:
      return unreachable(partitioning)
  }
}
