import { assert, present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { vectorFromScalars } from '../../data/vectors/from-scalars.ts'
import type { FillForm } from '../../functions/function.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import { codeAt, isValid, scalarAt } from '../../data/vectors/to-scalars.ts'
import { layoutBytes, NO_ADDRESS, widestLayout, type Vector } from '../../data/vectors/vector.ts'
import { evaluate } from '../../plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import { traitsOf } from './expression-traits.ts'
import { isVolatile } from '../../plan/logical/expression-size.ts'

/** What evaluating a row costs at least, in steps of a budget. */
const ROW_STEPS = 64

/**
 * Evaluates an expression in TypeScript over a batch, once per row. `columns` holds the values of every
 * column that the expression reads, `rows` of each. The result lies in `arena`, in the widest layout of
 * its type. Spends of the budget in force with every row. Throws the QueryError of the first row that
 * has one.
 */
export function evaluateCallOut(
  arena: Arena,
  expr: Expression,
  columns: ReadonlyMap<ColumnId, readonly Scalar[]>,
  rows: number,
): Vector {
  for (const values of columns.values()) {
    assert(values.length >= rows, 'input of a call-out is too short')
  }
  const results: Scalar[] = Array.from({ length: rows }, () => null)
  let row = 0
  const column = (id: ColumnId): Scalar =>
    present(columns.get(id), 'call-out without its input')[row] ?? null
  for (; row < rows; row++) {
    spend(ROW_STEPS)
    results[row] = evaluate(expr, column)
  }
  return vectorFromScalars(arena, expr.type, results)
}

/** The function that writes what an expression is for a batch, in its widest layout; undefined for most. */
export function fillOf(expr: Expression): FillForm | undefined {
  return expr.kind === 'call' ? expr.fn.fill : undefined
}

/** What such a function writes for so many rows. */
export function fillVector(
  arena: Arena,
  type: DataType,
  kernels: Kernels,
  fill: FillForm,
  rows: number,
): Vector {
  const layout = widestLayout(type)
  const values = arena.allocate(layoutBytes[layout] * rows)
  fill({ heap: arena.heap, kernels }, values, rows)
  const [validity, offsets] = [NO_ADDRESS, NO_ADDRESS]
  return { type, layout, length: rows, validity, values, offsets, dictionary: undefined }
}

/** Whether an expression of one dictionary-encoded column is evaluated once per entry that occurs. */
export function isByEntry(expr: Expression, inputs: number): boolean {
  return inputs === 1 && !isVolatile(expr)
}

/** The same of an expression of a single column, {@link isByEntry}, that is dictionary-encoded. */
export function evaluateByEntry(
  heap: Heap,
  arena: Arena,
  expr: Expression,
  input: Vector,
  rows: number,
): Vector {
  return vectorFromScalars(arena, expr.type, perDistinctValue(heap, expr, input, rows))
}

/** A condition over one text column, which can be decided once per entry of a dictionary. */
export interface DictionaryPredicate {
  readonly column: ColumnId
  readonly expr: Expression
}

/**
 * Recognizes a boolean expression that reads exactly one column, of type text, and gives the same
 * result for the same value. `evaluateCallOut` over the dictionary itself (as the column) decides
 * every code; what NULL gives has to be asked for apart.
 */
export function dictionaryPredicate(expr: Expression): DictionaryPredicate | undefined {
  if (expr.type.kind !== 'bool' || expr.kind === 'column' || isVolatile(expr)) return undefined
  const { column } = traitsOf(expr)
  if (typeof column === 'string' || column.type.kind !== 'text') return undefined
  return { column: column.id, expr }
}

function perDistinctValue(
  heap: Heap,
  expr: Expression,
  input: Vector,
  rows: number,
): readonly Scalar[] {
  const dictionary = present(input.dictionary, 'vector without a dictionary')
  // Only values that occur are evaluated: another one might raise.
  const known = new Map<number, Scalar>()
  let ofNull: Scalar | undefined
  let value: Scalar = null
  const column = (): Scalar => value
  const valueOf = (row: number): Scalar => {
    if (!isValid(heap, input, row)) {
      value = null
      if (ofNull === undefined) ofNull = evaluate(expr, column)
      return ofNull
    }
    const code = codeAt(heap, input, row)
    const cached = known.get(code)
    if (cached !== undefined) return cached
    spend(ROW_STEPS)
    value = scalarAt(heap, dictionary, code)
    const result = evaluate(expr, column)
    known.set(code, result)
    return result
  }
  return Array.from({ length: rows }, (_, row) => valueOf(row))
}
