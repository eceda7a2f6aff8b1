import { int8 } from '../../../data/types/data-type.ts'
import {
  aggregate,
  and,
  castTo,
  columnReference,
  literal,
  project,
  window,
} from '../../logical/build.ts'
import { standsBefore } from '../standing.ts'
import { expressionKey, frameKey } from '../../logical/expression-key.ts'
import type {
  AggregateCall,
  ColumnReference,
  Expression,
  NamedExpression,
  WindowCall,
} from '../../logical/expression.ts'
import type { Relation, Window } from '../../logical/relation.ts'
import { passedOn } from '../output-columns.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import { typingOf, type Rule, type RuleContext } from '../rule.ts'
import { typedAggregate, typedCall } from '../../logical/typing.ts'
import { exactDigits } from '../../../data/types/digit-budget.ts'
import type { Composer } from '../../../functions/aggregate-form.ts'

/**
 * Aggregates that are made of others, as avg of sum and count. All ignore NULLs alike, and the finishing calls
 * are NULL where the aggregate is. DISTINCT and FILTER go to every part; equal parts are computed once.
 */
export const expandAggregates: Rule = {
  name: 'expand-aggregates',
  order: 'bottom-up',
  about: ['aggregate', 'window'],
  required: true,
  rewrite(relation, ctx) {
    if (relation.kind === 'window') return expandedWindow(relation, ctx)
    if (relation.kind !== 'aggregate' || !relation.aggregates.some(isComposed)) return undefined
    const { calls, exprs } = expanded(relation.aggregates, ctx)
    const inner = aggregate(relation.input, relation.keys, calls)
    const keys = inner.columns.slice(0, relation.keys.length)
    return project(inner, [...passedOn(keys), ...exprs])
  },
}

function composerFor(parts: Parts, item: AggregateCall): Composer<Expression> {
  const typing = typingOf({ functions: parts.ctx.functions, digits: exactDigits })
  return {
    distinct: item.distinct,
    typeOf: (expr) => expr.type,
    aggregate: (name, arg) => part(parts, item, name, arg),
    standing: (of) => countOf(parts, item, standsBefore(item, of)),
    rows: () => countOf(parts, item, undefined),
    one: () => literal(1n, int8),
    call: (name, args) => typedCall(typing, name, args, item.span),
    cast: castTo,
  }
}

/** Aggregates made of simple ones: these, and what finishes them. */
interface Expanded {
  readonly calls: readonly AggregateCall[]
  readonly exprs: readonly NamedExpression[]
}

function expanded(items: readonly AggregateCall[], ctx: RuleContext): Expanded {
  const parts: Parts = { ctx, calls: [], known: new Map() }
  for (const item of items) if (!isComposed(item)) register(parts, item)
  const exprs = items.map((item) => {
    const { id, name } = item
    const { form } = item.fn
    if (form.kind !== 'composed') {
      parts.calls.push(item)
      return { id, name, expr: columnReference(item) }
    }
    const composed = form.compose(composerFor(parts, item), item.args)
    return { id, name, expr: castTo(composed, item.type) }
  })
  return { calls: parts.calls, exprs }
}

/** The same over windows: parts are shared by the aggregates of one frame. */
function expandedWindow(relation: Window, ctx: RuleContext): Relation | undefined {
  const { input, calls } = relation
  const aggregates = calls.flatMap((call) =>
    call.fn.cataloguedAs === 'aggregate' ? [{ ...call, fn: call.fn, distinct: false }] : [],
  )
  if (!aggregates.some(isComposed)) return undefined
  const simple: WindowCall[] = calls.filter(({ fn }) => fn.cataloguedAs === 'window')
  const exprs = new Map(simple.map((call) => [call.id, columnReference(call) as Expression]))
  const frames = new Map<string, typeof aggregates>()
  for (const call of aggregates) {
    const key = frameKey(call.frame)
    const known = frames.get(key)
    if (known === undefined) frames.set(key, [call])
    else known.push(call)
  }
  for (const list of frames.values()) {
    const { frame } = list[0]!
    const made = expanded(list, ctx)
    for (const { id, name, type, fn, args, filter, span } of made.calls) {
      const details = { ...(filter && { filter }), ...(span && { span }) }
      simple.push({ id, name, type, fn, args, frame, ...details })
    }
    for (const { id, expr } of made.exprs) exprs.set(id, expr)
  }
  const outputs = calls.map(({ id, name }) => ({ id, name, expr: exprs.get(id)! }))
  return project(window(input, relation, simple), [...passedOn(input.columns), ...outputs])
}

interface Parts {
  readonly ctx: RuleContext
  readonly calls: AggregateCall[]
  /** Columns of the parts there are already, by what they compute. */
  readonly known: Map<string, ColumnReference>
}

/** Makes an aggregate of the query known, so that composed ones are made of it where they can be. */
function register(parts: Parts, item: AggregateCall): void {
  const [x, ...rest] = item.args
  if (x === undefined || rest.length > 0 || item.orderBy !== undefined) return
  if (isPure(item, x)) {
    parts.known.set(partKey(item, item.fn.name, x), columnReference(item))
  }
}

function partKey(item: AggregateCall, name: string, x: Expression): string {
  const filter = item.filter === undefined ? '' : expressionKey(item.filter)
  return `${name} ${item.distinct} ${expressionKey(x)} ${filter}`
}

function isPure(item: AggregateCall, x: Expression): boolean {
  return !isVolatile(x) && (item.filter === undefined || !isVolatile(item.filter))
}

function isComposed(item: Pick<AggregateCall, 'fn'>): boolean {
  return item.fn.form.kind === 'composed'
}

/** One of the simple aggregates that the composed one is made of. */
function part(parts: Parts, item: AggregateCall, name: string, x: Expression): ColumnReference {
  const key = partKey(item, name, x)
  const known = isPure(item, x) ? parts.known.get(key) : undefined
  if (known !== undefined) return known
  const { fn, args, type } = typedAggregate(typingOf(parts.ctx), name, [x], item.span)
  const { orderBy: _order, ...rest } = item
  return added(parts, key, { ...rest, id: parts.ctx.ids.next(), name, type, fn, args })
}

/** A count of the rows of which a condition holds, beside the filter of the aggregate. */
function countOf(
  parts: Parts,
  item: AggregateCall,
  condition: Expression | undefined,
): ColumnReference {
  const conditions = [item.filter, condition].filter((expr) => expr !== undefined)
  const filter = conditions.length > 1 ? and(conditions) : conditions[0]
  const key = `rows ${filter === undefined ? '' : expressionKey(filter)}`
  const isShared = filter === undefined || !isVolatile(filter)
  const known = isShared ? parts.known.get(key) : undefined
  if (known !== undefined) return known
  const { fn, args, type } = typedAggregate(typingOf(parts.ctx), 'count', [])
  const base = { id: parts.ctx.ids.next(), name: 'count', type, fn, args, distinct: false }
  return added(parts, key, filter === undefined ? base : { ...base, filter })
}

function added(parts: Parts, key: string, call: AggregateCall): ColumnReference {
  parts.calls.push(call)
  const column = columnReference(call)
  parts.known.set(key, column)
  return column
}
