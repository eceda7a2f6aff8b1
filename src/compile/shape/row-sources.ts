import { present } from '../../base/assert.ts'
import { widestLayout, type Layout } from '../../data/vectors/vector.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import type { DenseShape } from './dense-keys.ts'
import type { Pipeline, SourceColumn, Step } from '../model/pipeline.ts'
import type { RowLayout } from '../model/row-layout.ts'

/** The part of a chunk's column that generated code depends on. */
export interface ColumnShape {
  readonly layout: Layout
  readonly nullable: boolean
  /**
   * Size of the dictionary where it pays to decide conditions for each entry ahead of the rows: at most
   * {@link FEW_ENTRIES}, or more. Undefined: no dictionary, or one too large for its rows.
   */
  readonly entries?: 'few' | 'many' | undefined
}

/** Entries of a dictionary whose decisions fit one 128-bit register. */
export const FEW_ENTRIES = 16

/** What generated code depends on besides the pipeline: the columns of source 0, when they are chunks. */
export interface ChunkShape {
  readonly columns: readonly ColumnShape[]
  /** How the group keys are numbered where their codes fit a directory. */
  readonly dense: readonly DenseShape[] | undefined
}

/** How the columns of one row source are reached from a row id. */
export type RowSource =
  | { readonly kind: 'chunk'; readonly columns: readonly (SourceColumn & ColumnShape)[] }
  /** The id is the row's address; 0xFFFFFFFF never occurs, missing rows are a row of NULLs. */
  | { readonly kind: 'rows'; readonly layout: RowLayout; readonly nullExtended: boolean }
  /** Rows as well, which last as long as the batch; so does the text that they refer to. */
  | { readonly kind: 'computed'; readonly layout: RowLayout }
  /** The id is the value: 0 false, 1 true, 2 NULL. */
  | { readonly kind: 'mark'; readonly column: SourceColumn }
  | { readonly kind: 'nulls'; readonly columns: readonly SourceColumn[] }

export interface ColumnPlace {
  readonly source: number
  /** Position in the source's columns or fields. */
  readonly index: number
}

/** A pipeline with its row sources: where each column is found. */
export interface PipelineView {
  readonly pipeline: Pipeline
  readonly sources: readonly RowSource[]
  readonly places: ReadonlyMap<ColumnId, ColumnPlace>
  /** The source that a step adds, by step. */
  readonly sourceOfStep: readonly (number | undefined)[]
  /** The source through which a join's own condition reads the build rows. */
  conditionSource(step: Step): number
}

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
    case 'unmatched':
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
      return { kind: 'computed', layout: step.layout }
    case 'probe':
    case 'nested-loop': {
      const { joinKind, mark } = step
      if (joinKind === 'semi' || joinKind === 'anti') return undefined
      if (joinKind === 'mark')
        return { kind: 'mark', column: present(mark, 'mark join without mark') }
      const layout = step.kind === 'probe' ? step.table.layout : step.layout
      return { kind: 'rows', layout, nullExtended: joinKind !== 'inner' }
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
