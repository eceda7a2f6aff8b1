import { BATCH_ROWS, type ContextLayout } from '../model/context.ts'
import type { NestedLoopStep } from '../model/pipeline.ts'
import type { PipelineLeg } from './legs.ts'

/** The ids of a batch, and room for three that who writes four at a time writes beyond the last. */
export const ROW_BUFFER_BYTES = (BATCH_ROWS + 4) * 4

/** Offsets in the context of the buffers that hold the ids of a leg's rows, by source. */
export type RowBuffers = ReadonlyMap<number, number>

/**
 * Gives every leg but the first a buffer for each source that it or a later leg reads. There are as
 * many as joins and runs of call-outs, not as pairs of a leg and a source:
 *
 * - What only drops rows, and calls the next leg once, when it has seen all of its own, writes their
 *   ids over those it was given.
 * - What computes drops none. It adds the ids of its own rows.
 * - A call-out drops none, and its results are numbered as the rows of the batch: call-outs behind each
 *   other leave the ids where they are and share one buffer of numbers.
 * - Sources whose rows came together so far have one buffer behind a join, too.
 * - A loop over few build rows hands the batch on once for each: what it was given reaches the next leg where
 *   it is, again and again, so nobody behind it writes there. Its own row has no buffer.
 *
 * `needed`: the sources of which each leg must know the rows; `added`: the source that each adds.
 */
export function rowBuffers(
  context: ContextLayout,
  legs: readonly PipelineLeg[],
  needed: readonly ReadonlySet<number>[],
  added: readonly (number | undefined)[],
): readonly RowBuffers[] {
  const known = new Set([0])
  const all: RowBuffers[] = []
  let given: RowBuffers = new Map()
  let numbers: number | undefined
  const again = new Set<number>()
  for (const [position, leg] of legs.entries()) {
    all.push(given)
    const own = added[position]
    if (isPassedAgain(leg)) {
      for (const offset of given.values()) again.add(offset)
      continue
    }
    if (own !== undefined) known.add(own)
    if (leg.kind !== 'call-out') numbers = undefined
    const moved = new Map<number, number>()
    const next = new Map<number, number>()
    for (const source of needed[position + 1] ?? []) {
      if (!known.has(source)) continue
      const before = given.get(source)
      if (source === own && leg.kind === 'call-out') {
        numbers ??= buffer(context)
        next.set(source, numbers)
      } else if (before !== undefined && writesInPlace(leg, again.has(before)))
        next.set(source, before)
      else {
        const after = moved.get(before ?? -1) ?? buffer(context)
        if (before !== undefined) moved.set(before, after)
        next.set(source, after)
      }
    }
    given = next
  }
  return all
}

function buffer(context: ContextLayout): number {
  return context.scratch(ROW_BUFFER_BYTES)
}

/**
 * Whether the ids that a leg hands on may lie where its own are: the n-th is of its n-th row or a later
 * one, and it reads none of its own once it has called the next leg; what is read again is not written.
 */
function writesInPlace({ kind }: PipelineLeg, isReadAgain: boolean): boolean {
  if (kind === 'call-out' || kind === 'compute') return true
  return (kind === 'filter' || kind === 'limit') && !isReadAgain
}

/** Whether a nested loop gives every pair of rows, and nothing else. */
export function isProduct({ joinKind, condition, range }: NestedLoopStep): boolean {
  return joinKind === 'inner' && condition === undefined && range === undefined
}

/** Whether a leg hands the batch on as it is, once for each build row. */
export function isPassedAgain(leg: PipelineLeg): boolean {
  return leg.kind === 'nested-loop' && leg.outer === 'build'
}

/** For each leg, whether its rows are those of the driver, one after another: nobody before it chose or joined any. */
export function areDriving(legs: readonly PipelineLeg[]): readonly boolean[] {
  const first = legs.findIndex((leg) => !isPassedAgain(leg))
  return legs.map((_, position) => position <= first)
}
