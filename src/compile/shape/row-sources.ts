import { present } from '../../base/assert.ts'
import { widestLayout } from '../../data/vectors/vector.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import { choosesBuild } from '../../plan/physical/plan.ts'
import type { Pipeline, Step } from '../model/pipeline.ts'
import type { ColumnShape, PipelineView, RowSource } from '../model/shapes.ts'
import type { ColumnPlace } from '../model/lane-test.ts'

/** Counts the row sources of a pipeline whose driving chunks, if any, have columns of these shapes. */
export function viewPipeline(pipeline: Pipeline, columns: readonly ColumnShape[]): PipelineView {
  const sources: RowSource[] = sourcesOfDriver(pipeline, columns)
  const conditionSources = new Map<Step, number>()
  const sourceOfStep = pipeline.steps.map((step) => {
    const added = sourceOf(step)
    if (added !== undefined) sources.push(added)
    const position = added === undefined ? undefined : sources.length - 1
    if (step.kind !== 'probe' && step.kind !== 'nested-loop') return position
    if (added?.kind !== 'rows') {
      const layout = step.kind === 'probe' ? step.table.layout : step.layout
      sources.push({ kind: 'rows', layout, nullExtended: false })
    }
    conditionSources.set(step, sources.length - 1)
    return position
  })
  return {
    pipeline,
    sources,
    places: placesOf(sources),
    sourceOfStep,
    conditionSource: (step) => present(conditionSources.get(step), 'step without a condition'),
  }
}

function sourcesOfDriver(pipeline: Pipeline, shapes: readonly ColumnShape[]): RowSource[] {
  const { source } = pipeline
  switch (source.kind) {
    case 'chunks': {
      const columns = source.columns.map(({ id, type }, index) => {
        const { layout, nullable, entries } = present(shapes[index], 'shape without a column')
        return { id, type, layout, nullable, entries }
      })
      return [{ kind: 'chunk', columns }]
    }
    case 'rows':
    case 'sorted':
      return [{ kind: 'rows', layout: source.layout, nullExtended: false }]
    case 'noted':
      return [
        { kind: 'rows', layout: source.layout, nullExtended: false },
        { kind: 'nulls', columns: source.nulls },
      ]
  }
}

function sourceOf(step: Step): RowSource | undefined {
  switch (step.kind) {
    case 'filter':
    case 'lane-filter':
    case 'limit':
      return undefined
    case 'call-out': {
      const { type } = step.output
      return {
        kind: 'chunk',
        columns: [{ ...step.output, layout: widestLayout(type), nullable: true }],
      }
    }
    case 'compute':
    case 'repeat':
      return { kind: 'computed', layout: step.layout }
    case 'probe':
    case 'nested-loop': {
      const { joinKind, mark } = step
      if (joinKind === 'semi' || joinKind === 'anti' || choosesBuild(joinKind)) return undefined
      if (joinKind === 'mark')
        return { kind: 'mark', column: present(mark, 'mark join without mark') }
      const layout = step.kind === 'probe' ? step.table.layout : step.layout
      return { kind: 'rows', layout, nullExtended: joinKind !== 'inner' && joinKind !== 'right' }
    }
  }
}

function placesOf(sources: readonly RowSource[]): ReadonlyMap<ColumnId, ColumnPlace> {
  const places = new Map<ColumnId, ColumnPlace>()
  sources.forEach((rowSource, source) => {
    const columns =
      rowSource.kind === 'rows' || rowSource.kind === 'computed'
        ? rowSource.layout.fields
        : rowSource.kind === 'mark'
          ? [rowSource.column]
          : rowSource.columns
    columns.forEach(({ id }, index) => {
      if (!places.has(id)) places.set(id, { source, index })
    })
  })
  return places
}
