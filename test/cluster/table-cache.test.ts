import { describe, expect, test } from 'vitest'
import type { DataRef } from '../../src/cluster/comm/data-messages.ts'
import { withScans } from '../../src/cluster/plan-transfer.ts'
import { createTableCache, type TableCache } from '../../src/cluster/table-cache.ts'
import { ChunkLease } from '../../src/data/vectors/chunk-lease.ts'
import type { Chunk } from '../../src/data/vectors/vector.ts'
import type { Stage } from '../../src/plan/physical/plan.ts'
import { tpchCatalog } from '../plan/tpch-catalog.ts'
import { planText } from './planned.ts'

function rowsChunk(rows: number): Chunk {
  return { rows, columns: [], statistics: undefined }
}

/** A stage over a table of so many chunks, in `partitions` parts. */
function stageOver(chunks: number, partitions: number): Stage {
  const [stage] = planText('select r_name from region', tpchCatalog, 1).stages
  const all = Array.from({ length: chunks }, (_, n) => rowsChunk(n + 100))
  return { ...withScans(stage!, () => all), partitions }
}

/** What the scan of a stage would read. */
function chunksOf(stage: Stage): readonly number[] {
  let rows: readonly number[] = []
  withScans(stage, (source) => {
    rows = source.chunks.map((chunk) => chunk.rows)
    return source.chunks
  })
  return rows
}

interface Harness {
  readonly cache: TableCache
  readonly pulls: string[]
  readonly held: Set<number>
}

/** A cache of which every chunk weighs 10 bytes; pulled chunk n has n + 1 rows. */
function harness(bytesMax: number): Harness {
  const pulls: string[] = []
  const held = new Set<number>()
  const cache = createTableCache({
    bytesMax,
    bytesOf: () => 10,
    async pull(refs) {
      const numbers = refs.map((ref) => (ref as Extract<DataRef, { kind: 'table' }>).chunk)
      pulls.push(numbers.join())
      if (numbers.includes(13)) throw new Error('chunk 13 is lost')
      return numbers.map((n) => {
        held.add(n)
        return new ChunkLease([rowsChunk(n + 1)], () => void held.delete(n))
      })
    },
  })
  return { cache, pulls, held }
}

describe('copies of tables', () => {
  test('a task gets its own chunks in their places, pulled once', async () => {
    const { cache, pulls } = harness(1_000)
    const stage = stageOver(5, 2)
    for (const [partition, expected] of [
      [0, [1, 0, 3, 0, 5]],
      [1, [0, 2, 0, 4, 0]],
      [0, [1, 0, 3, 0, 5]],
    ] as const) {
      const localized = await cache.localize(stage, { stage: 0, partition })
      expect(chunksOf(localized.value)).toEqual(expected)
      localized.release()
    }
    expect(pulls).toEqual(['0,2,4', '1,3'])
  })

  test('tasks that ask at the same time share one pull', async () => {
    const { cache, pulls } = harness(1_000)
    const stage = stageOver(3, 1)
    const task = { stage: 0, partition: 0 }
    const both = await Promise.all([cache.localize(stage, task), cache.localize(stage, task)])
    expect(pulls).toEqual(['0,1,2'])
    for (const localized of both) localized.release()
  })

  test('what is not read goes beyond the bound, the longest unused first', async () => {
    const { cache, held } = harness(20)
    const stage = stageOver(4, 2)
    const first = await cache.localize(stage, { stage: 0, partition: 0 })
    const second = await cache.localize(stage, { stage: 0, partition: 1 })
    expect(cache.bytes).toBe(40)
    expect([...held].sort()).toEqual([0, 1, 2, 3])
    second.release()
    expect([...held].sort()).toEqual([0, 2])
    first.release()
    expect(cache.bytes).toBe(20)
    cache.close()
    expect(held.size).toBe(0)
    expect(cache.bytes).toBe(0)
  })

  test('a failed pull fails its task, and is tried again by the next', async () => {
    const { cache, pulls } = harness(1_000)
    const stage = stageOver(14, 1)
    for (let n = 0; n < 2; n++) {
      await expect(cache.localize(stage, { stage: 0, partition: 0 })).rejects.toThrow('lost')
    }
    expect(pulls).toHaveLength(2)
    expect(cache.bytes).toBe(0)
  })

  test('what nobody reads is dropped when its room is wanted', async () => {
    const { cache, held } = harness(1_000)
    expect(cache.dropUnread()).toBe(false)
    const first = await cache.localize(stageOver(4, 2), { stage: 0, partition: 0 })
    const second = await cache.localize(stageOver(4, 2), { stage: 0, partition: 1 })
    second.release()
    expect(cache.dropUnread()).toBe(true)
    expect([...held]).toEqual([0, 2])
    expect(cache.bytes).toBe(20)
    expect(cache.dropUnread()).toBe(false)
    first.release()
    cache.close()
    expect(held.size).toBe(0)
  })
})
