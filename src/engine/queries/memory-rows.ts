import { notSupported } from '../../base/errors.ts'
import type { MemoryPart } from '../process/memory-parts.ts'
import { memoryFunction } from '../../functions/tables/memory.ts'
import { crossJoin, literal, values } from '../../plan/logical/build.ts'
import type { Expand, Relation } from '../../plan/logical/relation.ts'
import { rewriteAllRelations } from '../../plan/logical/walk.ts'

/**
 * A plan with rows in place of `heddle_memory()`; the same one where it is not called. Errors:
 * FEATURE_NOT_SUPPORTED for a call beside others.
 */
export function withMemoryRows(relation: Relation, parts: () => readonly MemoryPart[]): Relation {
  return rewriteAllRelations(relation, (node) =>
    node.kind === 'expand' && node.calls.some(({ fn }) => fn === memoryFunction)
      ? memoryRows(node, parts())
      : node,
  )
}

function memoryRows({ input, calls, ordinality }: Expand, parts: readonly MemoryPart[]): Relation {
  const [call] = calls
  if (call === undefined || calls.length > 1 || ordinality !== undefined) {
    throw notSupported('heddle_memory beside other functions or with ordinality', call?.span)
  }
  const rows = parts.map(({ part, bytes, described }) => {
    const given = [part, BigInt(bytes), described]
    return call.outputs.map(({ type }, at) => literal(given[at] ?? null, type))
  })
  const outputs = call.outputs.map((output) => ({ ...output, nullable: false }))
  const made = values(rows, outputs)
  const isOneRow = input.kind === 'values' && input.rows.length === 1 && input.columns.length === 0
  return isOneRow ? made : crossJoin(input, made)
}
