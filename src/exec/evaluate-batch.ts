import { present } from '../base/assert.ts'
import type { Arena } from '../data/arenas/arena.ts'
import type { Heap } from '../data/arenas/heap.ts'
import { vectorFromScalars } from '../data/vectors/from-scalars.ts'
import { scalarsOf } from '../data/vectors/to-scalars.ts'
import type { Vector } from '../data/vectors/vector.ts'
import { evaluate } from '../plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../plan/logical/expression.ts'

/** Evaluates an expression row by row over vectors of one batch. */
export function evaluateBatch(
  heap: Heap,
  arena: Arena,
  expr: Expression,
  inputs: ReadonlyMap<ColumnId, Vector>,
  rows: number,
): Vector {
  const columns = new Map([...inputs].map(([id, vector]) => [id, scalarsOf(heap, vector)]))
  const values = Array.from({ length: rows }, (_, row) =>
    evaluate(expr, (id) => present(columns.get(id), 'input of a call-out')[row] ?? null),
  )
  return vectorFromScalars(arena, expr.type, values)
}
