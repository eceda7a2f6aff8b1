import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { scalarsOf } from '../../src/data/vectors/column-scalars.ts'
import type { Chunk } from '../../src/data/vectors/vector.ts'
import { SpillStore } from '../../src/storage/spill-store.ts'
import { loadKernels } from '../../src/wasm/kernels/loader.ts'
import { chunkOfEverything } from '../data/arrow/random-chunks.ts'

const heap = new Heap(Heap.createMemory(1 << 28))
const kernels = loadKernels(heap)
let directory: string
let store: SpillStore

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heddle-test-'))
  store = new SpillStore({ heap, kernels, directory })
})

afterEach(() => {
  store.close()
  rmSync(directory, { recursive: true, force: true })
})

function valuesOf(chunks: readonly Chunk[]): unknown {
  return chunks.map(({ rows, columns }) => ({
    rows,
    columns: columns.map((column) => [column.type, scalarsOf(heap, column)]),
  }))
}

function someChunks(arena: Arena, seed: number, sizes: readonly number[]): readonly Chunk[] {
  const random = seededRandom(seed)
  return sizes.map((rows) => chunkOfEverything(arena, random, rows).chunk)
}

function onlyFile(): string {
  const [folder] = readdirSync(directory)
  const path = join(directory, present(folder, 'no folder'))
  return join(path, present(readdirSync(path)[0], 'no file'))
}

/** Writes some chunks, does something to their file, and reads them. */
async function readAfter(change: (path: string) => void): Promise<unknown> {
  const arena = new Arena(heap)
  const spilled = await store.write([someChunks(arena, 3, [500])])
  arena.release()
  change(onlyFile())
  const before = heap.bytesInUse
  try {
    ;(await spilled.read(0)).release()
    return undefined
  } catch (error) {
    return error
  } finally {
    expect(heap.bytesInUse).toBe(before)
    spilled.release()
  }
}

describe('chunks in files', () => {
  test('all rows of all types come back, piece by piece, in each of the ways to read', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const arena = new Arena(heap)
      const pieces = [
        someChunks(arena, seed, [0, 1, 70]),
        [],
        someChunks(arena, seed + 100, [2_000, 3_000, 5_000]),
      ]
      const spilled = await store.write(pieces)
      for (const [piece, chunks] of pieces.entries()) {
        const expected = valuesOf(chunks)
        expect(spilled.rowsOf(piece)).toBe(chunks.reduce((rows, chunk) => rows + chunk.rows, 0))
        for (const lease of [await spilled.read(piece), spilled.piece(piece).all()]) {
          expect(valuesOf(lease.chunks)).toEqual(expected)
          lease.release()
        }
        const inTurn = [...spilled.piece(piece).inTurn()].length
        expect(inTurn).toBe(chunks.length)
        const turns: unknown[] = []
        for (const chunk of spilled.piece(piece).inTurn())
          turns.push(...(valuesOf([chunk]) as unknown[]))
        expect(turns).toEqual(expected)
      }
      spilled.release()
      arena.release()
    }
    expect(heap.bytesInUse).toBe(0)
    expect(store.bytes).toBe(0)
  })

  test('who stops reading in turn holds nothing', async () => {
    const arena = new Arena(heap)
    const spilled = await store.write([someChunks(arena, 1, [100, 100])])
    arena.release()
    for (const chunk of spilled.piece(0).inTurn()) {
      expect(chunk.rows).toBe(100)
      break
    }
    expect(heap.bytesInUse).toBe(0)
    spilled.release()
  })
})

describe('files', () => {
  test('go when they are released, and the folder with the store', async () => {
    const arena = new Arena(heap)
    const spilled = await store.write([someChunks(arena, 1, [100])])
    const path = onlyFile()
    expect(readFileSync(path).length).toBe(store.bytes)
    expect(store.bytes).toBe(spilled.bytes)
    spilled.release()
    expect(existsSync(path)).toBe(false)
    await store.write([someChunks(arena, 1, [100])])
    store.close()
    expect(readdirSync(directory)).toEqual([])
    arena.release()
  })

  test('of dead processes of this machine go with the first that is written, others stay', async () => {
    const host = Buffer.from(hostname()).toString('hex').slice(0, 64)
    const dead = `heddle-spill-${host}-2147483646-0a`
    const others = [
      `heddle-spill-${host}-${process.pid}-0b`,
      'heddle-spill-aa-2147483646-0c',
      'somebody-elses',
    ]
    for (const name of [dead, ...others]) {
      mkdirSync(join(directory, name))
      writeFileSync(join(directory, name, '1'), 'x')
    }
    const arena = new Arena(heap)
    await store.write([someChunks(arena, 1, [1])])
    arena.release()
    const left = readdirSync(directory)
    expect(left).not.toContain(dead)
    expect(left).toEqual(expect.arrayContaining(others))
  })

  test('may take so much and no more; what did not fit leaves nothing', async () => {
    const arena = new Arena(heap)
    const chunks = someChunks(arena, 1, [1_000])
    const tight = new SpillStore({ heap, kernels, directory, bytesMax: 100 })
    await expect(tight.write([chunks])).rejects.toMatchObject({
      code: 'DISK_FULL',
      sqlState: '53100',
    })
    expect(tight.bytes).toBe(0)
    const [folder] = readdirSync(directory)
    expect(readdirSync(join(directory, present(folder, 'a folder')))).toEqual([])
    tight.close()
    arena.release()
  })
})

describe('files that are not as they were', () => {
  test('shorter', async () => {
    const error = await readAfter((path) => truncateSync(path, 1_000))
    expect(error).toMatchObject({ code: 'DATA_CORRUPTED' })
  })

  test('with another byte', async () => {
    const error = await readAfter((path) => {
      const bytes = readFileSync(path)
      bytes[bytes.length >> 1]! ^= 1
      writeFileSync(path, bytes)
    })
    expect(error).toMatchObject({ code: 'DATA_CORRUPTED' })
  })

  test('gone', async () => {
    const error = await readAfter((path) => rmSync(path))
    expect(error).toMatchObject({ code: 'IO_ERROR', sqlState: '58030' })
  })

  test('a folder that is gone when more is written', async () => {
    const arena = new Arena(heap)
    const spilled = await store.write([someChunks(arena, 1, [10])])
    rmSync(join(onlyFile(), '..'), { recursive: true })
    await expect(store.write([someChunks(arena, 1, [10])])).rejects.toMatchObject({
      code: 'IO_ERROR',
    })
    spilled.release()
    expect(store.bytes).toBe(0)
    arena.release()
  })

  test('a directory that cannot be', async () => {
    const path = join(directory, 'file')
    writeFileSync(path, '')
    const nowhere = new SpillStore({ heap, kernels, directory: path })
    await expect(nowhere.write([[]])).rejects.toMatchObject({ code: 'IO_ERROR' })
    nowhere.close()
  })
})
