import { canonicalize } from '../../compile/shape/canonical.ts'
import { denseKeysOf, denseShape } from '../../compile/shape/dense-keys.ts'
import { viewPipeline } from '../../compile/shape/row-sources.ts'
import type { Canonical } from '../../compile/model/canonical-form.ts'
import type { Pipeline } from '../../compile/model/pipeline.ts'
import type { ColumnShape, DenseKey, PipelineView } from '../../compile/model/shapes.ts'

/** What a pipeline is for chunks of one shape. Nothing of it belongs to a run. */
export interface ShapedPipeline {
  readonly view: PipelineView
  readonly columns: readonly ColumnShape[]
  readonly denseKeys: readonly DenseKey[] | undefined
  /** Its canonical forms once they were asked for: groups are looked up by hash, or through the dense directory. */
  readonly canonical: Map<'plain' | 'dense', Canonical>
}

/** Chunks of a table have few shapes; those of files may have more. */
const SHAPES_MAX = 32

/**
 * By shape, least recently used first. A pipeline never changes, and that of a kept plan runs again, on the
 * thread that made the plan as on others (see jobs/posted-pipeline.ts).
 */
const shapedBefore = new WeakMap<Pipeline, Map<string, ShapedPipeline>>()

/** `key`: the shape key of `columns`. */
export function shapedPipeline(
  pipeline: Pipeline,
  columns: readonly ColumnShape[],
  key: string,
): ShapedPipeline {
  const known = shapedBefore.get(pipeline) ?? new Map<string, ShapedPipeline>()
  shapedBefore.set(pipeline, known)
  const shaped = known.get(key) ?? shape(pipeline, columns)
  known.delete(key)
  known.set(key, shaped)
  if (known.size > SHAPES_MAX) known.delete(known.keys().next().value ?? key)
  return shaped
}

function shape(pipeline: Pipeline, columns: readonly ColumnShape[]): ShapedPipeline {
  const { sink } = pipeline
  const view = viewPipeline(pipeline, columns)
  const table = sink.kind === 'aggregate' ? sink.tables[0] : undefined
  const denseKeys = table === undefined ? undefined : denseKeysOf(view, table)
  return { view, columns, denseKeys, canonical: new Map() }
}

/** `memoryPages`: those of the heap, the same one whenever the pipeline runs. */
export function canonicalForm(
  { view, columns, denseKeys, canonical }: ShapedPipeline,
  groups: 'plain' | 'dense',
  memoryPages: number,
): Canonical {
  const known = canonical.get(groups)
  if (known !== undefined) return known
  const dense = groups === 'dense' ? denseKeys?.map(denseShape) : undefined
  const made = canonicalize(view, { columns, dense }, memoryPages)
  canonical.set(groups, made)
  return made
}
