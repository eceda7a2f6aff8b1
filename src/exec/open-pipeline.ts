import { scalarFunction } from '../functions/catalogue.ts'
import { hasInlineForm, isVolatile } from '../compile/expression-traits.ts'
import type { PipelineSource, SourceColumn, Step } from '../compile/pipeline/pipeline.ts'
import type { DataType } from '../data/types/data-type.ts'
import { expressionKey } from '../plan/logical/expression-key.ts'
import type { ColumnId, Expression } from '../plan/logical/expression.ts'
import {
  columnsUsed,
  columnsUsedByAll,
  expressionChildrenOf,
  mapExpressionChildren,
  rewriteExpression,
  visitExpression,
} from '../plan/logical/walk.ts'
import type { Cutter } from './cutting.ts'

/** A pipeline that still takes steps. */
export interface Open {
  readonly source: PipelineSource
  readonly steps: Step[]
  readonly definitions: Map<ColumnId, Expression>
  readonly ordered: boolean
  /** Of the expressions looked at so far, while the definitions are as they are. */
  traits: Map<Expression, ResolvedTraits>
  /** What call-out steps have computed so far, by the keys of the expressions. */
  readonly callOuts: Map<string, Expression>
}

interface ResolvedTraits {
  /** Has a part that is called out, or that looks into text. */
  readonly isCostly: boolean
  readonly mayRaise: boolean
  /** Has a part that is called out and may raise an error there. */
  readonly raisesInCallOut: boolean
  /** Nodes, those that may raise an error, and parts that are called out; up to {@link COUNT_MAX}. */
  readonly nodes: number
  readonly raising: number
  readonly callOuts: number
}

/** How far nodes are counted: where projections repeat each other they double with each. */
const COUNT_MAX = 1_000_000_000
/** Nodes of one stage's expressions that become code: beyond, functions are too large to compile. */
const INLINE_NODES_MAX = 12_000
/** Nodes times places that raise: the engine's first compiler takes time for each local at each branch. */
const INLINE_WORK_MAX = 20_000_000
/** Parts of one expression that are called out apart; with more, the whole of it is. */
const CALL_OUTS_MAX = 16
/** Nodes of an expression that is called out, with the projections below it put in place. */
const SUBSTITUTED_NODES_MAX = 20_000

/** A pipeline that begins. */
export function openPipeline(source: PipelineSource, ordered = false): Open {
  const traits = new Map<Expression, ResolvedTraits>()
  return { source, steps: [], definitions: new Map(), ordered, traits, callOuts: new Map() }
}

/** Says what a projection makes of the columns before it. */
export function define(open: Open, id: ColumnId, expr: Expression): void {
  open.definitions.set(id, expr)
  open.traits = new Map()
}

export function addStep(open: Open, step: Step): void {
  open.steps.push(step)
}

export function referenceTo(column: {
  readonly id: ColumnId
  readonly type: DataType
  readonly name: string
}): Expression {
  return { kind: 'column', id: column.id, type: column.type, name: column.name }
}

/** The columns that expressions name, projections not followed. */
export function columnIds(exprs: readonly Expression[]): ReadonlySet<ColumnId> {
  return columnsUsedByAll(exprs)
}

/**
 * Adds filters. Cheap conjuncts are evaluated together, without branches; costly ones (over text, or
 * called out) each see only the rows that passed before.
 */
export function addFilters(cutter: Cutter, open: Open, predicates: readonly Expression[]): void {
  const conjuncts = predicates.flatMap((p) => (p.kind === 'and' ? p.args : [p]))
  const cheap = conjuncts.filter((c) => !isCostly(open, c))
  const costly = conjuncts.filter((c) => isCostly(open, c))
  for (const args of inPieces(open, cheap)) {
    const [first] = args
    const predicate: Expression =
      args.length === 1 ? first! : { kind: 'and', type: { kind: 'bool' }, args }
    addStep(open, { kind: 'filter', predicate })
  }
  for (const predicate of costly) {
    addStep(open, { kind: 'filter', predicate: hoist(cutter, open, predicate) })
  }
}

/** Conditions in lists of which each is small enough for one function. */
function inPieces(open: Open, conditions: readonly Expression[]): readonly Expression[][] {
  const pieces: Expression[][] = []
  let size = newSize()
  for (const condition of conditions) {
    const grown = added(size, resolvedTraits(open, condition))
    const piece = pieces.at(-1)
    if (piece !== undefined && isCompilable(grown)) {
      piece.push(condition)
      size = grown
    } else {
      pieces.push([condition])
      size = added(newSize(), resolvedTraits(open, condition))
    }
  }
  return pieces
}

/** What the expressions of one function come to. */
interface CodeSize {
  readonly nodes: number
  readonly raising: number
}

function newSize(): CodeSize {
  return { nodes: 0, raising: 0 }
}

function added(size: CodeSize, { nodes, raising }: CodeSize): CodeSize {
  return { nodes: size.nodes + nodes, raising: size.raising + raising }
}

function isCompilable({ nodes, raising }: CodeSize): boolean {
  return nodes <= INLINE_NODES_MAX && nodes * raising <= INLINE_WORK_MAX
}

function isCostly(open: Open, expr: Expression): boolean {
  const traits = resolvedTraits(open, expr)
  return traits.isCostly || !isCompilable(traits)
}

/** Hoists the expressions of one stage: what is too much for its function is called out. */
export function hoistAll(
  cutter: Cutter,
  open: Open,
  exprs: readonly Expression[],
): readonly Expression[] {
  let size = newSize()
  return exprs.map((expr) => {
    const hoisted = hoist(cutter, open, expr)
    const grown = added(size, resolvedTraits(open, hoisted))
    if (isCompilable(grown) || hoisted.kind === 'literal') {
      size = grown
      return hoisted
    }
    const { kind } = hoisted
    return kind === 'column' && !open.definitions.has(hoisted.id)
      ? hoisted
      : callOut(cutter, open, hoisted)
  })
}

/**
 * Replaces the parts of an expression that have no WebAssembly form by columns that call-out steps,
 * added here, compute for each batch.
 */
export function hoist(cutter: Cutter, open: Open, expr: Expression): Expression {
  if (expr.kind === 'column') {
    const definition = open.definitions.get(expr.id)
    if (definition === undefined) return expr
    const hoisted = hoist(cutter, open, definition)
    if (hoisted !== definition) define(open, expr.id, hoisted)
    return expr
  }
  const traits = resolvedTraits(open, expr)
  const isLarge = !isCompilable(traits) || traits.callOuts > CALL_OUTS_MAX
  if (isLarge || mustCallOut(open, expr)) return callOut(cutter, open, expr)
  return mapExpressionChildren(expr, (child) => hoist(cutter, open, child))
}

/**
 * Whether the node itself must be called out: it has no inline form, or it decides whether a part
 * that is called out and may raise an error is evaluated at all.
 */
function mustCallOut(open: Open, expr: Expression): boolean {
  if (!hasInlineForm(expr)) return true
  if (!decidingKinds.has(expr.kind)) return false
  return expressionChildrenOf(expr).some((child) => resolvedTraits(open, child).raisesInCallOut)
}

/** What evaluates its parts for some rows only, or under names that a call-out does not know. */
const decidingKinds: ReadonlySet<Expression['kind']> = new Set(['case', 'and', 'or', 'let'])

/** The traits of an expression with the projections of a pipeline put in place. */
function resolvedTraits(open: Open, expr: Expression): ResolvedTraits {
  const known = open.traits.get(expr)
  if (known !== undefined) return known
  const traits = resolveTraits(open, expr)
  open.traits.set(expr, traits)
  return traits
}

function resolveTraits(open: Open, expr: Expression): ResolvedTraits {
  if (expr.kind === 'column') {
    const definition = open.definitions.get(expr.id)
    return definition === undefined ? plainColumn : resolvedTraits(open, definition)
  }
  const children = expressionChildrenOf(expr)
  const below = children.map((child) => resolvedTraits(open, child))
  const isInline = hasInlineForm(expr)
  const raises =
    (expr.kind === 'cast' && !expr.lenient) ||
    (expr.kind === 'call' && scalarFunction(expr.fn).raises)
  const mayRaise = raises || below.some((child) => child.mayRaise)
  const overText = children.some(({ type }) => type.kind === 'text')
  const isSearch = expr.kind === 'call' && overText && !/^(?:=|<>)\(/.test(expr.fn)
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
    raising: (raises ? 1 : 0) + total(({ raising }) => raising),
    callOuts: isInline ? total(({ callOuts }) => callOuts) : 1,
  }
}

const plainColumn: ResolvedTraits = {
  isCostly: false,
  mayRaise: false,
  raisesInCallOut: false,
  nodes: 1,
  raising: 0,
  callOuts: 0,
}

/** A column that a call-out step computes, once for all expressions that are the same. */
function callOut(cutter: Cutter, open: Open, expr: Expression): Expression {
  if (resolvedTraits(open, expr).nodes > SUBSTITUTED_NODES_MAX) {
    for (const id of columnsUsed(expr)) {
      const definition = open.definitions.get(id)
      if (definition === undefined || definition.kind === 'literal') continue
      define(open, id, callOut(cutter, open, definition))
    }
  }
  const called = calledOut(open, expr)
  const key = isVolatile(called.expr) ? undefined : expressionKey(called.expr)
  const same = key === undefined ? undefined : open.callOuts.get(key)
  if (same !== undefined) return same
  const output = { id: cutter.freshId(), type: expr.type }
  addStep(open, { kind: 'call-out', output, ...called })
  const column = referenceTo({ ...output, name: 'call-out' })
  if (key !== undefined) open.callOuts.set(key, column)
  return column
}

/** An expression to be evaluated in TypeScript, over physical columns, and the columns that it reads. */
export function calledOut(
  open: Open,
  expr: Expression,
): { readonly expr: Expression; readonly inputs: readonly SourceColumn[] } {
  const whole = substitute(open, expr)
  const used = columnsUsed(whole)
  const inputs = new Map<ColumnId, SourceColumn>()
  visitExpression(whole, {
    expression: (part) => {
      if (part.kind !== 'column' || !used.has(part.id)) return
      inputs.set(part.id, { id: part.id, type: part.type })
    },
  })
  return { expr: whole, inputs: [...inputs.values()] }
}

/** The expression over physical columns: projections put in place. */
function substitute(open: Open, expr: Expression): Expression {
  return rewriteExpression(expr, (part) => {
    if (part.kind !== 'column') return part
    const definition = open.definitions.get(part.id)
    return definition === undefined ? part : substitute(open, definition)
  })
}
