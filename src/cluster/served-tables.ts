import type { MemorySource } from '../plan/catalog/catalog.ts'
import { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import type { DataRef } from './comm/data-messages.ts'

/** Tables in this process's memory that running queries let workers read. */
export interface ServedTables {
  open(sources: readonly MemorySource[]): void
  /** Takes back what `open` gave; resolves when nobody reads them any more. */
  close(sources: readonly MemorySource[]): Promise<void>
  find(ref: DataRef): ChunkLease | undefined
}

interface Served {
  readonly chunks: readonly Chunk[]
  queries: number
  readers: number
}

export function createServedTables(): ServedTables {
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
      table.readers++
      return new ChunkLease([chunk], () => {
        table.readers--
        for (const resolve of waiting) resolve()
        waiting.clear()
      })
    },
  }
}
