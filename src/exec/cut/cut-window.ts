import type { Steps } from '../../base/steps.ts'
import type {
  GroupTable,
  SortField,
  WindowArgument,
  WindowFill,
  WindowShape,
  WindowSink,
} from '../../compile/model/pipeline.ts'
import {
  groupHeader,
  layOutRow,
  stateShape,
  type FieldRequest,
} from '../../compile/model/row-layout.ts'
import { expressionKey } from '../../plan/logical/expression-key.ts'
import type { ColumnId, Expression, Frame } from '../../plan/logical/expression.ts'
import type {
  PhysicalAggregateCall,
  PhysicalWindow,
  PhysicalWindowCall,
} from '../../plan/physical/plan.ts'
import { isVolatile } from '../../plan/logical/expression-size.ts'
import { closePipeline, groupLayout, nullableIn, union, type Cutter } from './cutting.ts'
import { hoistAll } from './hoist.ts'
import { columnIds, openPipeline, referenceTo, type Open } from './open-pipeline.ts'

/**
 * Windows that hash rows by keys of their own, of one query: each lets threads share it by partitions but
 * writes all rows anew. Further ones take the rows as they are, and are put in order as a whole.
 */
const HASHES_MAX = 8

/**
 * Keeps rows with all that their window functions look at; they are read with the functions' columns. Windows
 * over one another are computed over the same rows, as long as none reads what another gives.
 */
export function* cutWindow(
  cutter: Cutter,
  plan: PhysicalWindow,
  required: ReadonlySet<ColumnId>,
): Steps<Open[]> {
  const windows = overSameRows(plan)
  const { input } = windows[0]!
  const below = new Set(input.columns.map(({ id }) => id))
  const carried = new Set([...required].filter((id) => below.has(id)))
  const opens = yield* cutter.open(input, union(carried, columnIds(windows.flatMap(readBy))))
  const fields = new Fields(cutter, nullableIn(input))
  for (const { id, type, name } of input.columns) {
    if (carried.has(id)) fields.add(referenceTo({ id, type, name }))
  }
  const collected = windows.map((window) => collect(fields, window, required))
  const inOrder = windows.some((window) => window.inOrder === true)
  const byPartition = inOrder ? [] : collected.map(partitionFields)
  const hashed = byPartition.find((some) => some.length > 0) ?? []
  const values = [...fields.values]
  // The fields that calls fill come behind all that are read.
  const shapes = collected.map(({ keys, partitionKeys, fills }): WindowShape => {
    const own = partitionFields({ keys, partitionKeys })
    const isHashed = own.length > 0 && own.join() === hashed.join()
    return { keys, partitionKeys, isHashed, calls: fills.map((fill) => fill()) }
  })
  const layout = layOutRow(groupHeader.bytes, fields.requests)
  const breaker = cutter.breakers++
  // Nothing orders the rows: they are numbered as they come.
  const asTheyCome = shapes[0]!.keys.length === 0
  for (const open of opens) {
    const exprs = yield* hoistAll(cutter, open, values)
    const sink: WindowSink = {
      kind: 'window',
      breaker,
      layout,
      values: exprs,
      hashed,
      windows: shapes,
    }
    closePipeline(cutter, asTheyCome ? { ...open, ordered: true } : open, sink)
  }
  const isOrdered = inOrder || plan.partitionBy.length === 0
  return [openPipeline({ kind: 'sorted', breaker, layout }, isOrdered)]
}

/**
 * The windows from this one down that are computed over the same rows, the lowest first: none reads what another
 * gives, and all have one way to split rows among threads, unless there are too many ways.
 */
function overSameRows(plan: PhysicalWindow): readonly PhysicalWindow[] {
  const windows = [plan]
  const read = new Set(columnIds(readBy(plan)))
  for (let { input } = plan; input.kind === 'window'; { input } = input) {
    if (input.calls.some((call) => read.has(idOf(call)))) break
    for (const id of columnIds(readBy(input))) read.add(id)
    windows.push(input)
  }
  const ways = windows.map(({ partitionBy }) => partitionKey(partitionBy))
  const first = ways.find((way) => way !== '')
  const end = ways.findIndex((way) => way !== '' && way !== first)
  const isShared = end < 0 || new Set(ways).size > HASHES_MAX
  return (isShared ? windows : windows.slice(0, end)).toReversed()
}

function partitionKey(partitionBy: readonly Expression[]): string {
  return partitionBy.map(expressionKey).join()
}

function partitionFields({
  keys,
  partitionKeys,
}: Pick<WindowShape, 'keys' | 'partitionKeys'>): readonly number[] {
  return keys.slice(0, partitionKeys).map(({ field }) => field)
}

/** Keeps what a window looks at: the order of its rows, and the arguments of its calls. */
function collect(
  fields: Fields,
  { partitionBy, orderBy, calls }: PhysicalWindow,
  required: ReadonlySet<ColumnId>,
): Pick<WindowShape, 'keys' | 'partitionKeys'> & { readonly fills: readonly (() => WindowFill)[] } {
  const keys = [
    ...partitionBy.map((expr): SortField => {
      return { field: fields.add(expr), descending: false, nullsFirst: false }
    }),
    ...orderBy.map(({ expr, descending, nullsFirst }): SortField => {
      return { field: fields.add(expr), descending, nullsFirst }
    }),
  ]
  const wanted = calls.filter((call) => required.has(idOf(call)))
  const plain = wanted.filter((call) => call.kind === 'window').map((call) => fields.plain(call))
  const over = wanted.filter((call) => call.kind === 'aggregate')
  const kept = over.flatMap((call) => fields.kept(call) ?? [])
  const states = over.filter(({ aggregate }) => aggregate.kept === undefined)
  const grouped = byFrame(states).map((list) => fields.aggregates(list))
  return { keys, partitionKeys: partitionBy.length, fills: [...plain, ...kept, ...grouped] }
}

/** What a window reads of its rows. */
function readBy({ partitionBy, orderBy, calls }: PhysicalWindow): readonly Expression[] {
  return [...partitionBy, ...orderBy.map(({ expr }) => expr), ...calls.flatMap(inputsOf)]
}

function idOf(call: PhysicalWindowCall): ColumnId {
  return call.kind === 'aggregate' ? call.aggregate.id : call.id
}

function inputsOf(call: PhysicalWindowCall): readonly Expression[] {
  if (call.kind === 'window') return call.args
  const { arg, filter, kept } = call.aggregate
  return [arg, filter, ...(kept?.exprs ?? [])].filter((expr) => expr !== undefined)
}

interface AggregateOver {
  readonly aggregate: PhysicalAggregateCall
  readonly frame: Frame
}

/** The aggregates, those over one frame together. */
function byFrame(calls: readonly AggregateOver[]): readonly (readonly AggregateOver[])[] {
  const lists = new Map<string, AggregateOver[]>()
  for (const call of calls) {
    const { unit, start, end, exclude } = call.frame
    const offsets = [start, end].map(({ offset }) => offset && expressionKey(offset))
    const key = [unit, start.kind, end.kind, exclude, ...offsets].join()
    const known = lists.get(key)
    if (known === undefined) lists.set(key, [call])
    else known.push(call)
  }
  return [...lists.values()]
}

/** The fields of a window's rows while they are collected: first all values, then what calls fill. */
class Fields {
  readonly requests: FieldRequest[] = []
  readonly values: Expression[] = []
  readonly #cutter: Cutter
  readonly #nullable: (expr: Expression) => boolean
  readonly #known = new Map<string, number>()

  constructor(cutter: Cutter, nullable: (expr: Expression) => boolean) {
    this.#cutter = cutter
    this.#nullable = nullable
  }

  /** The field of a value: a column keeps its id, what else is equal is kept once. */
  add(expr: Expression): number {
    const key = isVolatile(expr) ? undefined : expressionKey(expr)
    const known = key === undefined ? undefined : this.#known.get(key)
    if (known !== undefined) return known
    const id = expr.kind === 'column' ? expr.id : this.#cutter.freshId()
    const bounds = expr.kind === 'column' ? this.#cutter.stage.bounds.get(id) : undefined
    this.requests.push({ id, type: expr.type, nullable: this.#nullable(expr), bounds })
    const field = this.values.push(expr) - 1
    if (key !== undefined) this.#known.set(key, field)
    return field
  }

  /** Keeps the arguments of a window function; its own field follows when it is called. */
  plain(call: PhysicalWindowCall & { kind: 'window' }): () => WindowFill {
    const { fn, frame, id, type } = call
    const args = call.args.map((arg, at): WindowArgument => {
      const isCount = fn.args[at] === 'int4'
      if (!isCount || arg.kind !== 'literal') return { field: this.add(arg) }
      return { value: arg.value === null ? undefined : Number(arg.value) }
    })
    return () => {
      const field = this.requests.push({ id, type, nullable: true }) - 1
      return { kind: 'window', fn, args, frame, field }
    }
  }

  /** The same for an aggregate that is computed in TypeScript; undefined for others. */
  kept({ aggregate, frame }: AggregateOver): (() => WindowFill) | undefined {
    const { id, type, filter, kept } = aggregate
    if (kept === undefined) return undefined
    const { exprs, ...rest } = kept
    const args = exprs.map((expr) => this.add(expr))
    const condition = filter && this.add(filter)
    return () => {
      const field = this.requests.push({ id, type, nullable: true }) - 1
      return { kind: 'kept', kept: rest, args, filter: condition, frame, field }
    }
  }

  /** Keeps what aggregates over one frame take; the fields of their states follow when it is called. */
  aggregates(list: readonly AggregateOver[]): () => WindowFill {
    const reference = (expr: Expression | undefined): Expression | undefined => {
      if (expr === undefined) return undefined
      const { id, type } = this.requests[this.add(expr)]!
      return referenceTo({ id, type, name: '' })
    }
    const calls = list.map(({ aggregate }) => ({
      ...aggregate,
      arg: reference(aggregate.arg),
      filter: reference(aggregate.filter),
    }))
    const layout = groupLayout([], calls, () => true)
    const table: GroupTable = { breaker: 0, layout, keys: [], aggregates: calls }
    return () => {
      const fields = calls.map((call) => {
        const { id, type } = call
        return this.requests.push({ id, type, nullable: true, state: stateShape(call, false) }) - 1
      })
      return { kind: 'aggregate', table, frame: list[0]!.frame, fields }
    }
  }
}
