import { notSupported } from '../../../base/errors.ts'
import { exactDecimal } from '../../../data/types/coercion.ts'
import { decimal, float8, int8, numeric, type DataType } from '../../../data/types/data-type.ts'
import { aggregate, castTo, columnReference, project } from '../../logical/build.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type { AggregateCall, ColumnReference, Expression } from '../../logical/expression.ts'
import { passedOn } from '../output-columns.ts'
import { isVolatile } from '../properties.ts'
import type { Rule, RuleContext } from '../rule.ts'
import { typedAggregate, typedCall } from '../../logical/typing.ts'
import { exactDigits } from '../../../data/types/digit-budget.ts'
import type { Typing } from '../../logical/typing.ts'
import { aggregateFunction } from '../../../functions/catalogue.ts'

/** Decimal digits that hold every bigint. */
const INT8_DIGITS = 19

const spreads = new Set(['variance', 'var_samp', 'var_pop', 'stddev', 'stddev_samp', 'stddev_pop'])

/**
 * `avg(x) = avg_final(sum(x), count(x))`, and variances and standard deviations from sum, sum of squares
 * and count, for the accumulators that execution has. All ignore NULLs alike, and the finishing calls
 * are NULL where the aggregate is. DISTINCT and FILTER go to every part; equal parts are computed once.
 * float4 is summed as float8, as PostgreSQL does. Floats have an accumulator of their own for the squared
 * deviations, as a sum of their squares would cancel.
 */
export const expandAggregates: Rule = {
  name: 'expand-aggregates',
  order: 'bottom-up',
  required: true,
  rewrite(relation, ctx) {
    if (relation.kind !== 'aggregate' || !relation.aggregates.some(isComposed)) return undefined
    const parts: Parts = { ctx, calls: [], known: new Map() }
    for (const item of relation.aggregates) if (!isComposed(item)) register(parts, item)
    const exprs = relation.aggregates.map((item) => {
      const { id, name } = item
      if (!isComposed(item)) {
        parts.calls.push(item)
        return { id, name, expr: columnReference(item) }
      }
      const composed = spreads.has(aggregateFunction(item.fn).name)
        ? spread(parts, item)
        : average(parts, item)
      return { id, name, expr: castTo(composed, item.type) }
    })
    const inner = aggregate(relation.input, relation.keys, parts.calls)
    const keys = inner.columns.slice(0, relation.keys.length)
    return project(inner, [...passedOn(keys), ...exprs])
  },
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
    parts.known.set(partKey(item, aggregateFunction(item.fn).name, x), columnReference(item))
  }
}

function partKey(item: AggregateCall, name: string, x: Expression): string {
  const filter = item.filter === undefined ? '' : expressionKey(item.filter)
  return `${name} ${item.distinct} ${expressionKey(x)} ${filter}`
}

function isPure(item: AggregateCall, x: Expression): boolean {
  return !isVolatile(x) && (item.filter === undefined || !isVolatile(item.filter))
}

function isComposed(item: AggregateCall): boolean {
  const name = aggregateFunction(item.fn).name
  return name === 'avg' || spreads.has(name)
}

function average(parts: Parts, item: AggregateCall): Expression {
  const arg = argumentOf(item)
  const x = arg.type.kind === 'float4' ? castTo(arg, float8) : arg
  const sum = part(parts, item, 'sum', x)
  // As an integer it would resolve to the finishing function of floats.
  const total = sum.type.kind === 'int8' ? castTo(sum, decimal(INT8_DIGITS, 0)) : sum
  return finishing('avg_final', [total, part(parts, item, 'count', x)], item)
}

function spread(parts: Parts, item: AggregateCall): Expression {
  const arg = argumentOf(item)
  const isFloat = arg.type.kind === 'float4' || arg.type.kind === 'float8'
  const short = item.distinct ? undefined : shortDecimal(arg.type)
  const x = castTo(arg, isFloat ? float8 : (short ?? numeric))
  const count = part(parts, item, 'count', x)
  const name = `${aggregateFunction(item.fn).name}_final`
  if (isFloat) return finishing(name, [part(parts, item, 'squared_deviations', x), count], item)
  const sum = part(parts, item, 'sum', x)
  // Distinct values may have one square: it is not the squares that are to be distinct.
  const squares =
    short === undefined
      ? part(parts, item, 'sum_of_squares', x)
      : part(parts, item, 'sum', operation('*', x, x, item))
  return finishing(name, [sum, squares, count], item)
}

/** Digits whose squares can be summed in 128 bits, whatever the number of rows. */
const SQUARED_DIGITS_MAX = 13

function shortDecimal(type: DataType): DataType | undefined {
  const exact = exactDecimal(type)
  return exact !== undefined && exact.precision <= SQUARED_DIGITS_MAX ? exact : undefined
}

function argumentOf(item: AggregateCall): Expression {
  const [arg] = item.args
  if (arg === undefined) throw notSupported(item.fn, item.span)
  return arg
}

/** One of the simple aggregates that the composed one is made of. */
function part(parts: Parts, item: AggregateCall, name: string, x: Expression): ColumnReference {
  const key = partKey(item, name, x)
  const known = isPure(item, x) ? parts.known.get(key) : undefined
  if (known !== undefined) return known
  const { fn, args, type } = typedAggregate(typingOf(parts.ctx), name, [x], item.span)
  const added: AggregateCall = {
    ...item,
    id: parts.ctx.ids.next(),
    name,
    type,
    fn: fn.id,
    args,
  }
  parts.calls.push(added)
  const column = columnReference(added)
  parts.known.set(key, column)
  return column
}

function operation(
  name: string,
  left: Expression,
  right: Expression,
  item: AggregateCall,
): Expression {
  return resolved(name, [left, right], item)
}

function finishing(name: string, args: readonly Expression[], item: AggregateCall): Expression {
  const types = args.map(({ type }): DataType => (type.kind === 'int4' ? int8 : type))
  return resolved(
    name,
    args.map((arg, i) => castTo(arg, types[i] ?? arg.type)),
    item,
  )
}

function resolved(name: string, args: readonly Expression[], item: AggregateCall): Expression {
  return typedCall({ digits: exactDigits, parameters: [] }, name, args, item.span)
}

function typingOf({ digits }: RuleContext): Typing {
  return { digits, parameters: [] }
}
