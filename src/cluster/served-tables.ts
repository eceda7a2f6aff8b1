import type { MemorySource } from '../plan/catalog/catalog.ts'
import type { TableChunk } from '../data/chunks/table-chunk.ts'
import { ChunkLease } from '../data/vectors/chunk-lease.ts'
import { chunksInTurn } from '../storage/kept-reader.ts'
import type { SpillMemory } from '../storage/extents.ts'
import type { DataRef } from './comm/data-messages.ts'

/** Tables of this process that running queries let workers read. */
export interface ServedTables {
  open(sources: readonly MemorySource[]): void
  /** Takes back what `open` gave; resolves when nobody reads them any more. */
  close(sources: readonly MemorySource[]): Promise<void>
  /** A chunk in memory; one that is kept elsewhere is read. Throws what reading it does. */
  find(ref: DataRef): ChunkLease | undefined
}

interface Served {
  readonly chunks: readonly TableChunk[]
  queries: number
  readers: number
}

/** `memory`: where kept chunks are read to. */
export function createServedTables(memory: SpillMemory): ServedTables {
  const tables = new Map<string, Served>()
  const waiting = new Set<() => void>()
  const isRead = (served: readonly Served[]): boolean =>
    served.some(({ queries, readers }) => queries === 0 && readers > 0)
  return {
    open(sources) {
      for (const { id, chunks } of sources) {
        const served = tables.get(id) ?? { chunks, queries: 0, readers: 0 }
        served.queries++
        tables.set(id, served)
      }
    },
    async close(sources) {
      const served = sources.flatMap(({ id }) => tables.get(id) ?? [])
      for (const { id } of sources) {
        const table = tables.get(id)
        if (table !== undefined && --table.queries === 0) tables.delete(id)
      }
      while (isRead(served)) {
        await new Promise<void>((resolve) => {
          waiting.add(resolve)
        })
      }
    },
    find(ref) {
      const table = ref.kind === 'table' ? tables.get(ref.table) : undefined
      const chunk = ref.kind === 'table' ? table?.chunks[ref.chunk] : undefined
      if (table === undefined || chunk === undefined) return undefined
      const there = chunksInTurn(memory, [chunk]).all()
      table.readers++
      return new ChunkLease(there.chunks, () => {
        there.release()
        table.readers--
        for (const resolve of waiting) resolve()
        waiting.clear()
      })
    },
  }
}
