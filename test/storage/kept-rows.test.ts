import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { finishSteps, type Steps } from '../../src/base/steps.ts'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { packTableChunks, unpackTableChunks } from '../../src/data/chunks/packed-table-chunks.ts'
import { isKept, type KeptChunk, type TableChunk } from '../../src/data/chunks/table-chunk.ts'
import type { Schema } from '../../src/data/types/schema.ts'
import { scalarsOf } from '../../src/data/vectors/column-scalars.ts'
import type { Chunk } from '../../src/data/vectors/vector.ts'
import { KeptReader } from '../../src/storage/kept-reader.ts'
import type { KeptRows } from '../../src/storage/kept-rows.ts'
import { SpillStore } from '../../src/storage/spill-store.ts'
import { loadKernels } from '../../src/wasm/kernels/loader.ts'
import { createTableBuilder } from '../../src/wasm/kernels/table-builder.ts'
import { chunkOfEverything } from '../data/arrow/random-chunks.ts'

const heap = new Heap(Heap.createMemory(1 << 28))
const kernels = loadKernels(heap)
let directory: string
let store: SpillStore
let reader: KeptReader

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heddle-test-'))
  store = new SpillStore({ heap, kernels, directory })
  reader = new KeptReader({ heap, kernels })
})

afterEach(() => {
  reader.close()
  store.close()
  expect(heap.bytesInUse).toBe(0)
  rmSync(directory, { recursive: true, force: true })
})

function valuesOf({ rows, columns }: Chunk): unknown {
  return [rows, columns.map((column) => [column.type, scalarsOf(heap, column)])]
}

/** The table of some random chunks, of every type and layout. */
function built(
  arena: Arena,
  from: readonly Chunk[],
  schema: Schema,
  rows: KeptRows | undefined,
): TableChunk {
  const count = from.reduce((all, chunk) => all + chunk.rows, 0)
  const keep = function* (chunk: Chunk): Steps<KeptChunk | undefined> {
    return rows && (yield* rows.add(chunk))
  }
  const builder = createTableBuilder(arena, kernels, schema, count, keep)
  try {
    for (const chunk of from) finishSteps(builder.append(chunk))
    return finishSteps(builder.finish()).chunks[0]!
  } catch (error) {
    builder.cancel()
    throw error
  }
}

function made(
  arena: Arena,
  seed: number,
  sizes: readonly number[],
): { readonly chunks: readonly Chunk[]; readonly schema: Schema } {
  const random = seededRandom(seed)
  const chunks = sizes.map((size) => chunkOfEverything(arena, random, size).chunk)
  const schema = chunks[0]!.columns.map(({ type }, at) => ({
    name: `c${at}`,
    type,
    nullable: true,
  }))
  return { chunks, schema }
}

describe('rows that are kept outside of the working memory', () => {
  test('are what they were, whatever their types, layouts and dictionaries', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const arena = new Arena(heap)
      const { chunks, schema } = made(arena, seed, seed % 3 === 0 ? [1] : [300, 7, 700])
      const rows = store.keep()
      const [here, kept] = [
        built(arena, chunks, schema, undefined),
        built(arena, chunks, schema, rows),
      ]
      rows.finish()
      if (isKept(here) || !isKept(kept)) throw new Error('a chunk is where it should not be')
      const pinned = reader.pin(kept)
      expect(pinned.chunks.map(valuesOf), `seed ${seed}`).toEqual([valuesOf(here)])
      expect(kept.statistics).toEqual(here.statistics)
      pinned.release()
      // A column alone, and the way to a thread.
      expect(unpackTableChunks(packTableChunks([here, kept, here, kept]))).toEqual([
        here,
        kept,
        here,
        kept,
      ])
      for (const [at, column] of kept.kept.columns.entries()) {
        const alone = { ...kept, kept: { ...kept.kept, columns: [column] } }
        const one = reader.pin(alone)
        expect(scalarsOf(heap, one.chunks[0]!.columns[0]!)).toEqual(
          scalarsOf(heap, here.columns[at]!),
        )
        one.release()
      }
      rows.release()
      arena.release()
    }
    expect(store.bytes).toBe(0)
  })

  test.each([
    ['cut off', (path: string) => truncateSync(path, 100), 'XX001'],
    ['changed', (path: string) => writeFileSync(path, Buffer.alloc(1_000_000, 1)), 'XX001'],
    ['gone', (path: string) => rmSync(path), '58030'],
  ])('end with an error where their file is %s', (_, change, sqlState) => {
    const arena = new Arena(heap)
    const { chunks, schema } = made(arena, 5, [500])
    const rows = store.keep()
    const kept = built(arena, chunks, schema, rows)
    rows.finish()
    arena.release()
    if (!isKept(kept)) throw new Error('a chunk is where it should not be')
    change(kept.kept.path)
    expect(() => reader.pin(kept)).toThrow(expect.objectContaining({ sqlState }))
    reader.close()
    rows.release()
  })

  test('take no more than the folder may hold', () => {
    store = new SpillStore({ heap, kernels, directory, bytesMax: 1_000 })
    const arena = new Arena(heap)
    const { chunks, schema } = made(arena, 6, [500])
    const rows = store.keep()
    expect(() => built(arena, chunks, schema, rows)).toThrow(
      expect.objectContaining({ sqlState: '53100' }),
    )
    rows.release()
    expect(store.bytes).toBe(0)
    expect(readdirSync(join(directory, readdirSync(directory)[0]!))).toEqual([])
    arena.release()
  })
})
