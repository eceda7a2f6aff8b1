import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { laneOffset, markOf } from '../scope/array-fields.ts'
import type { RepeatStep } from '../../model/pipeline.ts'
import type { BatchText } from '../scope/batch-text.ts'
import type { LegContext } from '../scope/leg-loop.ts'

/** Where rows are made for what functions give, and how many of the next batch are there. */
export interface Making {
  readonly step: RepeatStep
  /** The row that others are copies of, but for what is written to each. */
  readonly model: Local
  /** Where the batch's rows are, and where the next one goes. */
  readonly base: Local
  readonly target: Local
  readonly out: Local
  readonly count: Local
  /** Where the text of the batch goes on once the rows so far are read. */
  readonly text: BatchText
}

/** How the rows for one row are made. */
export interface Maker {
  /** Emits what is done once a row, and gives what goes on with it. */
  begin(): {
    /** Pushes 1 where it gives none. */
    pushIsEmpty(): void
    /** Writes the next rows, as many as there is room for, and sets how many these are. */
    write(): void
    /** Pushes 1 where there are more. */
    pushIsMore(): void
  }
}

/** Pushes how many rows the next legs' buffers still take. */
export function pushRoom({ f, module }: LegContext, { out }: Making): void {
  f.i32(module.pipeline.batchRows).get(out).op('i32.sub')
}

/** Pushes where the number of a row goes and the mark of that, as kernels are told. */
export function pushPosition({ f }: LegContext, { step: { layout, ordinality } }: Making): void {
  const field = ordinality === undefined ? undefined : layout.fields[ordinality]
  f.i32(field === undefined ? -1 : laneOffset(field)).i32(field === undefined ? 0 : markOf(field))
}
