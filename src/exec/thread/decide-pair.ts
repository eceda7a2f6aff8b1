import { assert, present } from '../../base/assert.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { evaluate } from '../../plan/logical/evaluate.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import { columnReader, type PlacedSource } from '../rows/gather.ts'
import { joinOf } from './bind-context.ts'
import type { Instance } from './run-state.ts'
import type { RunState } from './run-state.ts'

/**
 * Decides a part of a join's condition for the pair of rows whose ids generated code left in the
 * context: 0 false, 1 true, 2 NULL. Throws the QueryError that the part ends with.
 */
export function decidePair(run: RunState, instance: Instance, number: number): number {
  const { compiled } = instance.loaded
  const { leg, index, ids } = present(compiled.pairs[number], 'pair decision')
  const step = run.legs[leg]
  const canonical = compiled.legs[leg]
  assert(step?.kind === 'probe' || step?.kind === 'nested-loop', 'pair of no join')
  assert(canonical?.kind === step.kind, 'pair of another module')
  const pair = present(step.pairs[index], 'part of a condition')
  const numbered = present(canonical.pairs[index], 'part of a canonical condition')
  const { heap } = run.env
  const values = new Map<ColumnId, Scalar>()
  pair.inputs.forEach(({ id }, position) => {
    const column = present(numbered.inputs[position], 'input of a pair').id
    const place = present(compiled.places.get(column), 'place of an input')
    const placed = placedSource(run, instance, place.source)
    if (placed.source.kind === 'nulls') return void values.set(id, null)
    const offset = present(ids.get(place.source), 'row of a pair')
    const row = heap.u32[(instance.context + offset) >>> 2] ?? 0
    values.set(id, columnReader(heap, placed, place)(row))
  })
  const result = evaluate(pair.expr, (id) => values.get(id) ?? null)
  if (result === null) return 2
  return result === true ? 1 : 0
}

/** A source of a pipeline with what its row ids stand for in the run. */
export function placedSource(run: RunState, instance: Instance, position: number): PlacedSource {
  const { compiled } = instance.loaded
  const source = present(compiled.sources[position], 'source of an input')
  const vectors = instance.vectors.get(position)
  if (source.kind !== 'rows' || !source.nullExtended) return { source, vectors, missing: undefined }
  const step = run.legs[compiled.added.indexOf(position)]
  assert(step?.kind === 'probe' || step?.kind === 'nested-loop', 'missing row of no join')
  const { nullRow } = joinOf(run.breaker(step.breaker))
  return { source, vectors, missing: nullRow }
}
