import { assert } from '../../base/assert.ts'
import { directArguments } from '../../functions/aggregates/ordered-sets.ts'
import type { AggregateFunction } from '../../functions/function.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { AggregateCall, Expression } from '../logical/expression.ts'
import type { Aggregate, Window } from '../logical/relation.ts'
import { sumWidth, type BoundsAnalysis } from './bounds.ts'
import type {
  HashAggregate,
  KeptRows,
  PhysicalAggregateCall,
  PhysicalPlan,
  PhysicalWindow,
  PhysicalWindowCall,
} from './plan.ts'
import { expressionBounds } from './value-bounds.ts'

export function planAggregate(
  relation: Aggregate,
  input: PhysicalPlan,
  rows: number,
  analysis: BoundsAnalysis,
): HashAggregate {
  const aggregates = relation.aggregates.map((call) => planCall(call, input, analysis))
  const { keys, columns } = relation
  return { kind: 'hash-aggregate', input, keys, aggregates, columns, rows, phase: 'single' }
}

export function planWindow(
  relation: Window,
  input: PhysicalPlan,
  rows: number,
  analysis: BoundsAnalysis,
): PhysicalWindow {
  const { partitionBy, orderBy, columns } = relation
  const calls = relation.calls.map((call): PhysicalWindowCall => {
    const { id, name, type, fn, args, frame } = call
    if (fn.cataloguedAs === 'aggregate') {
      const aggregate = planCall({ ...call, fn, distinct: false }, input, analysis)
      return { kind: 'aggregate', aggregate, frame }
    }
    return { kind: 'window', id, name, type, fn, args, frame }
  })
  return { kind: 'window', input, partitionBy, orderBy, calls, columns, rows }
}

function planCall(
  call: AggregateCall,
  input: PhysicalPlan,
  analysis: BoundsAnalysis,
): PhysicalAggregateCall {
  const { fn } = call
  const { form } = fn
  assert(form.kind !== 'composed', `aggregate ${fn.id} is not expanded`)
  const { id, name, type, filter, distinct } = call
  const base = { id, name, type, filter, distinct, fitsInt64: false, arg: undefined }
  if (form.kind !== 'accumulator') {
    const kept = keptRows(call, fn)
    const folds = form.kind === 'folded' && !distinct
    return { ...base, accumulator: folds ? 'fold' : 'collect', distinct: false, kept }
  }
  const { accumulator } = form
  const [arg] = call.args
  assert(call.args.length < 2, `aggregate ${fn.id} has an accumulator of one argument`)
  const planned = { ...base, accumulator, arg }
  if (accumulator !== 'sum' || arg === undefined) return planned
  const { bounds, rowsMax } = analysis.of(input)
  return { ...planned, ...sumWidth(expressionBounds(arg, bounds), rowsMax) }
}

function keptRows(call: AggregateCall, fn: AggregateFunction): KeptRows {
  const { args, orderBy = [], distinct } = call
  const { form } = fn
  const exprs: Expression[] = [...args]
  const fields = new Map<string, number>()
  const direct = directArguments(fn, args.length)
  for (let at = args.length - 1; at >= direct; at--) fields.set(expressionKey(args[at]!), at)
  const fieldOf = (expr: Expression): number => {
    const key = expressionKey(expr)
    const field = fields.get(key) ?? exprs.push(expr) - 1
    fields.set(key, field)
    return field
  }
  const order = orderBy.map(({ expr, descending, nullsFirst }) => {
    return { field: fieldOf(expr), descending, nullsFirst }
  })
  const required = form.kind === 'collected' ? form.required : args.map((_, index) => index)
  const inOrder = form.kind === 'collected' && form.order === 'given' && order.length === 0
  const constants = args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined))
  const isSorted = order.length > 0 || distinct
  return {
    fn,
    exprs,
    args: args.length,
    constants,
    required,
    order,
    distinct,
    inOrder: inOrder && !isSorted,
  }
}
