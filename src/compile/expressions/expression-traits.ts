import { unreachable } from '../../base/assert.ts'
import { comparesInline } from '../../functions/operators/comparison-inline.ts'
import type { ColumnReference, Expression } from '../../plan/logical/expression.ts'
import { leavesUp } from '../../plan/logical/leaves-up.ts'
import { castsInline } from './cast.ts'
import { literalFormOf } from './literal-forms.ts'

/** What is asked of an expression again and again while code for it is chosen. */
export interface ExpressionTraits {
  /** Whether the node can be emitted, its arguments being values; see {@link hasInlineForm}. */
  readonly isInline: boolean
  /** The same of the node and of all below. */
  readonly isAllInline: boolean
  /** Whether evaluating it can end in an error of the data. */
  readonly canRaise: boolean
  /** Whether a node in it would run ahead of its branch as a call-out, and could raise there. */
  readonly raisesInCallOut: boolean
  /** The one column that it reads, however often. */
  readonly column: ColumnReference | 'none' | 'several'
}

let visits = 0

/** Nodes whose traits were worked out since the thread began: each node is looked at once. */
export function traitVisits(): number {
  return visits
}

/** The traits of an expression, whatever its height. */
export const traitsOf = leavesUp<ExpressionTraits>(combined)

/**
 * Whether this node can be emitted, its arguments being values. For CASE, AND and OR it looks below:
 * an argument that must not be evaluated for every row cannot be computed ahead by a call-out.
 */
export function hasInlineForm(expr: Expression): boolean {
  return traitsOf(expr).isInline
}

/** Whether evaluating the expression can end in an error of the data. */
export function canRaise(expr: Expression): boolean {
  return traitsOf(expr).canRaise
}

function combined(expr: Expression, children: readonly ExpressionTraits[]): ExpressionTraits {
  visits++
  const fn = expr.kind === 'call' ? expr.fn : undefined
  const isInline = isInlineNode(expr, children)
  const canRaise =
    fn?.raises === true || expr.kind === 'cast' || children.some((child) => child.canRaise)
  return {
    isInline,
    isAllInline: isInline && children.every((child) => child.isAllInline),
    canRaise,
    raisesInCallOut: (!isInline && canRaise) || children.some((child) => child.raisesInCallOut),
    column: expr.kind === 'column' ? expr : onlyColumn(children),
  }
}

function onlyColumn(children: readonly ExpressionTraits[]): ExpressionTraits['column'] {
  let only: ExpressionTraits['column'] = 'none'
  for (const { column } of children) {
    if (column === 'several') return column
    if (column === 'none') continue
    if (only === 'none') only = column
    else if (only.id !== column.id) return 'several'
  }
  return only
}

function isInlineNode(expr: Expression, children: readonly ExpressionTraits[]): boolean {
  switch (expr.kind) {
    case 'column':
    case 'literal':
    // A literal in the form that code is made of.
    case 'parameter':
    case 'in-set':
      return true
    case 'call': {
      if (literalFormOf(expr) !== undefined) return true
      const { fn } = expr
      if (fn.inline === undefined) return false
      const types = expr.args.map((arg) => arg.type)
      return fn.inlineFor === undefined || fn.inlineFor(types, expr.type)
    }
    case 'cast':
      return castsInline(expr)
    case 'case':
    case 'and':
    case 'or':
      // The first argument is evaluated for every row, the others are not.
      return children.slice(1).every((child) => !child.raisesInCallOut)
    case 'in-list':
      return expr.list.every((member) => comparesInline([expr.arg.type, member.type]))
    case 'let':
      // What a call-out computes beforehand may not depend on the names that are bound here.
      return children.every((child) => child.isAllInline)
    case 'subquery':
      return false
    default:
      return unreachable(expr)
  }
}
