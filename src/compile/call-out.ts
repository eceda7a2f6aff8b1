import { assert, present } from '../base/assert.ts'
import { spend } from '../base/budget.ts'
import type { Arena } from '../data/arenas/arena.ts'
import type { Heap } from '../data/arenas/heap.ts'
import type { Scalar } from '../data/types/scalar.ts'
import { vectorFromScalars } from '../data/vectors/from-scalars.ts'
import { codeAt, isValid, scalarAt, scalarsOf } from '../data/vectors/to-scalars.ts'
import type { Vector } from '../data/vectors/vector.ts'
import { evaluate } from '../plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../plan/logical/expression.ts'
import { columnsUsed } from '../plan/logical/walk.ts'
import { isVolatile, traitsOf } from './expression-traits.ts'

/** What evaluating a row costs at least, in steps of a budget. */
const ROW_STEPS = 64

/**
 * Evaluates an expression in TypeScript over a batch: once per row, or once per distinct value where
 * its one input is dictionary-encoded. `inputs` holds every column that the expression reads, each
 * `rows` long. The result lies in `arena`, in the widest layout of its type. Spends of the
 * budget in force with every row. Throws the QueryError of the first row that has one.
 */
export function evaluateCallOut(
  heap: Heap,
  arena: Arena,
  expr: Expression,
  inputs: ReadonlyMap<ColumnId, Vector>,
  rows: number,
): Vector {
  const used = [...columnsUsed(expr)]
  const [only] = used
  if (only !== undefined && used.length === 1 && !isVolatile(expr)) {
    const input = present(inputs.get(only), 'call-out without its input')
    if (input.dictionary !== undefined) {
      return vectorFromScalars(arena, expr.type, perDistinctValue(heap, expr, input, rows))
    }
  }
  const columns = new Map(
    used.map((id) => {
      const vector = present(inputs.get(id), 'call-out without its input')
      assert(vector.length >= rows, 'input of a call-out is too short')
      return [id, scalarsOf(heap, vector)] as const
    }),
  )
  const results: Scalar[] = Array.from({ length: rows }, () => null)
  let row = 0
  const column = (id: ColumnId): Scalar => columns.get(id)?.[row] ?? null
  for (; row < rows; row++) {
    spend(ROW_STEPS)
    results[row] = evaluate(expr, column)
  }
  return vectorFromScalars(arena, expr.type, results)
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
  const known: (Scalar | undefined)[] = Array.from({ length: dictionary.length })
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
    const cached = known[code]
    if (cached !== undefined) return cached
    spend(ROW_STEPS)
    value = scalarAt(heap, dictionary, code)
    return (known[code] = evaluate(expr, column))
  }
  return Array.from({ length: rows }, (_, row) => valueOf(row))
}
