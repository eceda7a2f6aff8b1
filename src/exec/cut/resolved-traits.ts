import { hasInlineForm } from '../../compile/expressions/expression-traits.ts'
import type { Expression, ColumnId } from '../../plan/logical/expression.ts'
import { raisesItself } from '../../plan/logical/raising.ts'
import { expressionChildrenOf } from '../../plan/logical/walk.ts'
import { operatorOf } from '../../plan/logical/predicates.ts'

/** What is known of an expression with the projections of a pipeline put in place. */
export interface ResolvedTraits {
  /** Has a part that is called out, or that looks into text. */
  readonly isCostly: boolean
  readonly mayRaise: boolean
  /** Has a part that is called out and may raise an error there. */
  readonly raisesInCallOut: boolean
  /** Nodes, places that raise or branch, and parts that are called out; up to {@link COUNT_MAX}. */
  readonly nodes: number
  readonly branches: number
  readonly callOuts: number
}

/** What the projections of a pipeline make of its columns, and what was found out so far. */
export interface Projections {
  readonly definitions: ReadonlyMap<ColumnId, Expression>
  /** Of the expressions looked at so far, while the definitions are as they are. */
  readonly traits: Map<Expression, ResolvedTraits>
}

/** How far nodes are counted: where projections repeat each other they double with each. */
const COUNT_MAX = 1_000_000_000
/** Nodes of one leg's expressions that become code: beyond, functions are too large to compile. */
const INLINE_NODES_MAX = 12_000
/** The same for a part of an expression that is cut at all. */
const PART_NODES_MAX = 1_000
const PART_WORK_MAX = 200_000
/** Nodes times branches: the engine's first compiler takes time for each local at each of them. */
const INLINE_WORK_MAX = 20_000_000
/** What the expressions of one function come to. */
export interface CodeSize {
  readonly nodes: number
  readonly branches: number
}

export function newSize(): CodeSize {
  return { nodes: 0, branches: 0 }
}

export function added(size: CodeSize, { nodes, branches }: CodeSize): CodeSize {
  return { nodes: size.nodes + nodes, branches: size.branches + branches }
}

/** Whether a part is small enough to be cut no further: less than a function takes, as time is more than linear. */
export function isSmall({ nodes, branches }: CodeSize): boolean {
  return nodes <= PART_NODES_MAX && nodes * branches <= PART_WORK_MAX
}

export function isCompilable({ nodes, branches }: CodeSize): boolean {
  return nodes <= INLINE_NODES_MAX && nodes * branches <= INLINE_WORK_MAX
}

/** The traits of an expression with the projections of a pipeline put in place. */
export function resolvedTraits(open: Projections, expr: Expression): ResolvedTraits {
  const known = open.traits.get(expr)
  if (known !== undefined) return known
  const traits = resolveTraits(open, expr)
  open.traits.set(expr, traits)
  return traits
}

function resolveTraits(open: Projections, expr: Expression): ResolvedTraits {
  if (expr.kind === 'column') {
    const definition = open.definitions.get(expr.id)
    return definition === undefined ? plainColumn : resolvedTraits(open, definition)
  }
  const children = expressionChildrenOf(expr)
  const below = children.map((child) => resolvedTraits(open, child))
  const isInline = hasInlineForm(expr)
  const raises = raisesItself(expr)
  const own = decidingKinds.has(expr.kind) ? children.length - 1 : raises ? 1 : 0
  const mayRaise = raises || below.some((child) => child.mayRaise)
  const overText = children.some(({ type }) => type.kind === 'text')
  const isSearch = expr.kind === 'call' && overText && !isEquality(expr)
  const total = (count: (child: ResolvedTraits) => number): number =>
    Math.min(
      COUNT_MAX,
      below.reduce((sum, child) => sum + count(child), 0),
    )
  return {
    isCostly: !isInline || isSearch || below.some((child) => child.isCostly),
    mayRaise,
    raisesInCallOut: (!isInline && mayRaise) || below.some((child) => child.raisesInCallOut),
    nodes: 1 + total(({ nodes }) => nodes),
    branches: own + total(({ branches }) => branches),
    callOuts: isInline ? total(({ callOuts }) => callOuts) : 1,
  }
}

/** Of texts it looks at bytes, and no further than they are the same. */
function isEquality(expr: Expression): boolean {
  const operator = operatorOf(expr)
  return operator === '=' || operator === '<>'
}

const decidingKinds: ReadonlySet<Expression['kind']> = new Set(['case', 'and', 'or'])

const plainColumn: ResolvedTraits = {
  isCostly: false,
  mayRaise: false,
  raisesInCallOut: false,
  nodes: 1,
  branches: 0,
  callOuts: 0,
}
