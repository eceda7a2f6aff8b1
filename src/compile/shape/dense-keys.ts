import { present } from '../../base/assert.ts'
import type { TypeKind } from '../../data/types/data-type.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { GroupTable, Pipeline } from '../model/pipeline.ts'
import type { DenseKey, DenseShape, PipelineView, RowSource } from '../model/shapes.ts'
import type { ColumnPlace } from '../model/lane-test.ts'

/** Group addresses that a dense directory may hold. */
export const DENSE_SLOTS_MAX = 65_536
/** The same where all keys have bounds, so that one directory serves all chunks, and rows are many. */
export const DENSE_RANGE_SLOTS_MAX = 16_777_216

/** Types whose values are integers, so that bounds say how many there can be. */
const countable: ReadonlySet<TypeKind> = new Set(['int2', 'int4', 'int8', 'date', 'decimal'])

export function denseShape(key: DenseKey): DenseShape {
  return key.kind === 'dictionary' ? key : { kind: 'range', nullable: key.nullable }
}

/**
 * How to number the groups of a table without hashing, or undefined when some key has no small range:
 * keys must be dictionary codes of the driving chunk, booleans, or integers with bounds.
 */
export function denseKeysOf(
  view: PipelineView,
  table: GroupTable,
): readonly DenseKey[] | undefined {
  if (table.keys.length === 0) return undefined
  const keys = table.keys.map((key) => denseKey(view, key))
  return keys.every((key) => key !== undefined) ? keys : undefined
}

function denseKey(view: PipelineView, key: Expression): DenseKey | undefined {
  const expr = resolveColumn(view.pipeline, key)
  const { bounds } = view.pipeline
  const kind = expr.type.kind
  if (kind === 'bool') return { kind: 'range', min: 0n, slots: 3, nullable: true }
  if (expr.kind !== 'column') return undefined
  const place = view.places.get(expr.id)
  if (place === undefined) return undefined
  const source = present(view.sources[place.source], 'source of a place')
  if (source.kind === 'chunk' && place.source === 0) {
    const column = present(source.columns[place.index], 'column of a place')
    const { layout, nullable } = column
    if (layout === 'dict8' || layout === 'dict16' || layout === 'dict32') {
      return { kind: 'dictionary', place, layout, nullable }
    }
  }
  const range = bounds.get(expr.id) ?? bounds.get(key.kind === 'column' ? key.id : expr.id)
  const integer = countable.has(kind)
  if (!integer || range === undefined) return undefined
  const values = range.max - range.min + 1n
  if (values < 1n || values >= BigInt(DENSE_RANGE_SLOTS_MAX)) return undefined
  const nullable = mayBeNull(source, place)
  return { kind: 'range', min: range.min, slots: Number(values) + (nullable ? 1 : 0), nullable }
}

function mayBeNull(source: RowSource, place: ColumnPlace): boolean {
  if (source.kind === 'chunk') return present(source.columns[place.index], 'column').nullable
  if (source.kind !== 'rows' || source.nullExtended) return true
  return present(source.layout.fields[place.index], 'field').validOffset !== undefined
}

/** A column reference followed through projections that only rename. */
export function resolveColumn(pipeline: Pipeline, expr: Expression): Expression {
  let current = expr
  while (current.kind === 'column') {
    const definition = pipeline.definitions.get(current.id)
    if (definition === undefined) break
    current = definition
  }
  return current
}
