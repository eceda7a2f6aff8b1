import { assert, present } from '../../base/assert.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import { text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalarOfBytes } from '../../data/vectors/text-values.ts'
import type { AggregateFunction } from '../function.ts'
import type { CollectedForm, CollectedRows, FoldedForm } from '../aggregate-form.ts'

/** How values are sorted: by which of them, and how. */
export interface ValueOrder {
  readonly field: number
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** A call of an aggregate that is computed in TypeScript. */
export interface TypedRows {
  /** Types of the arguments, then of what the rows are sorted by beside these. */
  readonly types: readonly DataType[]
  /** How many of these are arguments. */
  readonly args: number
  readonly order: readonly ValueOrder[]
  readonly distinct: boolean
  readonly result: DataType
  /** Arguments that are the same for all rows, by their number. */
  readonly constants: readonly (Scalar | undefined)[]
}

/** The order in which the rows are wanted: DISTINCT ones are sorted by their arguments, as in PostgreSQL. */
export function wantedOrder({ args, order, distinct }: TypedRows): readonly ValueOrder[] {
  if (!distinct) return order
  const known = new Set(order.map(({ field }) => field))
  const rest = Array.from({ length: args }, (_, field) => field).filter((f) => !known.has(f))
  return [...order, ...rest.map((field) => ({ field, descending: false, nullsFirst: false }))]
}

/** Compares two values as ORDER BY does: NULLs where the order has them. */
export function compareOrdered(
  left: Scalar,
  right: Scalar,
  type: DataType,
  { descending, nullsFirst }: Omit<ValueOrder, 'field'>,
): number {
  if (left === null || right === null) {
    if (left === right) return 0
    return (left === null) === nullsFirst ? -1 : 1
  }
  const order = compareScalars(left, right, type)
  return descending ? -order : order
}

/** Compares values of the arguments that WITHIN GROUP sorts by; see {@link CollectedRows.compare}. */
export function comparer({
  types,
  order,
}: Pick<TypedRows, 'types' | 'order'>): CollectedRows['compare'] {
  return (left, right) => {
    for (const [index, by] of order.entries()) {
      const type = types[by.field] ?? text
      const way = compareOrdered(left[index] ?? null, right[index] ?? null, type, by)
      if (way !== 0) return way
    }
    return 0
  }
}

/** The value of an aggregate in TypeScript over the rows of a group, given as arrays of their values. */
export function aggregateRows(
  fn: AggregateFunction,
  typed: TypedRows,
  rows: readonly (readonly Scalar[])[],
): Scalar {
  const { form } = fn
  assert(form.kind === 'collected' || form.kind === 'folded', `${fn.id} is computed elsewhere`)
  const { types, args, distinct } = typed
  const required = form.kind === 'collected' ? form.required : types.map((_, index) => index)
  const given = rows.filter((row) => required.every((arg) => row[arg] !== null))
  const compareRows = (left: readonly Scalar[], right: readonly Scalar[]): number => {
    for (const by of wantedOrder(typed)) {
      const [a = null, b = null] = [left[by.field], right[by.field]]
      const way = compareOrdered(a, b, types[by.field] ?? text, by)
      if (way !== 0) return way
    }
    return 0
  }
  const sorted = wantedOrder(typed).length === 0 ? given : given.toSorted(compareRows)
  const same = (left: readonly Scalar[], right: readonly Scalar[]): boolean =>
    types.slice(0, args).every((type, index) => {
      const order = { descending: false, nullsFirst: false }
      return compareOrdered(left[index] ?? null, right[index] ?? null, type, order) === 0
    })
  const kept = distinct
    ? sorted.filter((row, index) => index === 0 || !same(row, sorted[index - 1] ?? []))
    : sorted
  const value = finishRows(form, {
    count: kept.length,
    types: types.slice(0, args),
    result: typed.result,
    value: (row, arg) => kept[row]?.[arg] ?? null,
    direct: (arg) => typed.constants[arg] ?? kept[0]?.[arg],
    copyBytes: (row, arg, target, at) => {
      const bytes = bytesOf(kept[row]?.[arg] ?? null)
      if (bytes !== undefined && at + bytes.length <= target.length) target.set(bytes, at)
      return bytes?.length
    },
    startsAnew: (row) => row === 0 || compareRows(kept[row - 1]!, kept[row]!) !== 0,
    compare: comparer(typed),
  })
  return value instanceof Uint8Array ? scalarOfBytes(value, typed.result) : value
}

const encoder = new TextEncoder()

function bytesOf(value: Scalar): Uint8Array | undefined {
  if (value === null || value instanceof Uint8Array) return value ?? undefined
  return encoder.encode(String(value))
}

/** The value over rows that are sorted and distinct as the call asks. */
export function finishRows(form: CollectedForm | FoldedForm, rows: CollectedRows): Scalar {
  if (form.kind === 'collected') return form.finish(rows)
  const state = new Float64Array(form.numbers)
  for (let row = 0; row < rows.count; row++) {
    form.step(
      state,
      rows.types.map((_, arg) => rows.value(row, arg)),
    )
  }
  return form.finish(state)
}

/** The form of an aggregate whose state is a few numbers. */
export function foldedForm({ id, form }: AggregateFunction): FoldedForm {
  assert(form.kind === 'folded', `${id} is computed elsewhere`)
  return form
}

/** The form of an aggregate that is computed in TypeScript. */
export function rowsForm(fn: AggregateFunction): CollectedForm | FoldedForm {
  const { form } = fn
  const found = form.kind === 'collected' || form.kind === 'folded' ? form : undefined
  return present(found, `${fn.id} is computed elsewhere`)
}
