import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { seededRandom } from '../../../src/base/world.ts'
import { encodeMessage } from '../../../src/cluster/comm/codec.ts'
import { createDataClient } from '../../../src/cluster/comm/data-client.ts'
import {
  FRAME_BYTES_MAX,
  WINDOW_BYTES,
  type DataRef,
} from '../../../src/cluster/comm/data-messages.ts'
import { serveData } from '../../../src/cluster/comm/data-server.ts'
import { BytesLease, rowsOf } from '../../../src/cluster/comm/result-lease.ts'
import { dial, listen, type SocketServer } from '../../../src/cluster/comm/sockets.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { RunId } from '../../../src/scheduler/scheduler/task-id.ts'
import { scalarAt } from '../../../src/data/vectors/to-scalars.ts'
import { ChunkLease } from '../../../src/data/vectors/chunk-lease.ts'
import type { Chunk, Vector } from '../../../src/data/vectors/vector.ts'
import { chunkOfEverything } from '../../data/arrow/random-chunks.ts'

const token = 'the token'
const holder = new Heap(Heap.createMemory(1 << 27))
const consumer = new Heap(Heap.createMemory(1 << 27))
const arena = new Arena(holder)
const tables = new Map<string, readonly Chunk[]>()
const results = new Map<number, Uint8Array>()
let readers = 0
let onFind = (): void => {}
let server: SocketServer

beforeAll(async () => {
  server = await listen(token, {
    data: (socket) => serveData(holder, find, socket),
  })
})

afterAll(() => server.close())

function find(ref: DataRef) {
  const bytes = ref.kind === 'result' ? results.get(ref.task) : undefined
  if (bytes !== undefined) {
    readers++
    return new BytesLease(bytes, () => void readers--)
  }
  const chunk = ref.kind === 'table' ? tables.get(ref.table)?.[ref.chunk] : undefined
  if (chunk === undefined) return undefined
  readers++
  onFind()
  return new ChunkLease([chunk], () => void readers--)
}

function address() {
  return { host: '127.0.0.1', port: server.port }
}

function refsOf(table: string): readonly DataRef[] {
  return (tables.get(table) ?? []).map((_, chunk) => ({ kind: 'table', table, chunk }))
}

describe('a data connection', () => {
  test('carries more than its window, several pulls at once', async () => {
    const random = seededRandom(11)
    // The large one takes some forty frames, five windows.
    for (const [table, rows] of [
      ['large', 150_000],
      ['small', 10],
      ['empty', 0],
    ] as const) {
      tables.set(table, [chunkOfEverything(arena, random, rows).chunk])
    }
    const client = createDataClient(consumer, token)
    const names = ['small', 'large', 'empty', 'small', 'large']
    const pulls = await Promise.all(names.map((name) => client.pull(address(), refsOf(name))))
    for (const [n, [pulled]] of pulls.entries()) {
      const [expected] = tables.get(names[n]!)!
      const { columns } = rowsOf(pulled!).chunks[0]!
      for (const [at, column] of columns.entries()) {
        const values = sampleOf(holder, expected!.columns[at]!)
        expect(sampleOf(consumer, column), `${names[n]} ${at}`).toEqual(values)
      }
      pulled!.release()
    }
    expect(consumer.bytesInUse).toBe(0)
    expect(readers).toBe(0)
    client.close()
  })

  test('carries bytes of any length between rows', async () => {
    tables.set('few', [chunkOfEverything(arena, seededRandom(6), 20).chunk])
    const random = seededRandom(12)
    const sizes = [
      0,
      1,
      FRAME_BYTES_MAX - 1,
      FRAME_BYTES_MAX,
      FRAME_BYTES_MAX + 1,
      WINDOW_BYTES * 2 + 7,
    ]
    for (const [task, size] of sizes.entries()) {
      // A view into a larger buffer, whose other bytes are nobody's.
      const bytes = new Uint8Array(size + 20).subarray(9, 9 + size)
      for (let at = 0; at < size; at += 97) bytes[at] = Math.floor(random.next() * 256)
      results.set(task, bytes)
    }
    const client = createDataClient(consumer, token)
    const pulls = sizes.map(async (size, task) => {
      const ref: DataRef = { kind: 'result', task: task as RunId, slice: -1 }
      const [before, result, after] = await client.pull(address(), [...refsOf('few'), ref, ref])
      expect(rowsOf(before!).rows).toBe(20)
      before!.release()
      for (const pulled of [result, after]) {
        const { bytes } = pulled as BytesLease
        expect(Buffer.compare(bytes, results.get(task)!), `${size} bytes`).toBe(0)
        pulled!.release()
      }
    })
    await Promise.all(pulls)
    expect(consumer.bytesInUse).toBe(0)
    expect(readers).toBe(0)
    client.close()
  })

  test('bytes are no rows', () => {
    let released = 0
    const bytes = new BytesLease(new Uint8Array(3), () => void released++)
    expect(() => rowsOf(bytes)).toThrow(expect.objectContaining({ code: 'DATATYPE_MISMATCH' }))
    expect(released).toBe(1)
  })

  test('what is not held is an error of that pull only, and nothing stays', async () => {
    tables.set('some', [chunkOfEverything(arena, seededRandom(1), 9).chunk])
    const client = createDataClient(consumer, token)
    const missing: DataRef = { kind: 'table', table: 'some', chunk: 5 }
    const bad = client.pull(address(), [...refsOf('some'), missing])
    const good = client.pull(address(), refsOf('some'))
    await expect(bad).rejects.toMatchObject({ code: 'CONNECTION_FAILURE' })
    for (const pulled of await good) pulled.release()
    expect(consumer.bytesInUse).toBe(0)
    client.close()
  })

  test('an abort in the middle leaves nothing; the next pull connects anew', async () => {
    tables.set('wide', [chunkOfEverything(arena, seededRandom(5), 60_000).chunk])
    const client = createDataClient(consumer, token)
    const controller = new AbortController()
    const late = client.pull(address(), refsOf('wide'), controller.signal)
    onFind = () => controller.abort(new Error('no more'))
    await expect(late).rejects.toThrow('no more')
    onFind = () => {}
    expect(consumer.bytesInUse).toBe(0)
    const early = client.pull(address(), refsOf('wide'), controller.signal)
    await expect(early).rejects.toThrow('no more')
    const [again] = await client.pull(address(), refsOf('wide'))
    again!.release()
    client.close()
  })

  test('an abort, and a pull without room, leave those beside them alone', async () => {
    tables.set('wide', [chunkOfEverything(arena, seededRandom(5), 60_000).chunk])
    tables.set('few', [chunkOfEverything(arena, seededRandom(6), 20).chunk])
    const tight = new Heap(Heap.createMemory(1 << 20))
    for (const [heap, code] of [
      [consumer, undefined],
      [tight, 'OUT_OF_MEMORY'],
    ] as const) {
      const client = createDataClient(heap, token)
      const controller = new AbortController()
      const bad = client.pull(address(), refsOf('wide'), controller.signal)
      const good = client.pull(address(), refsOf('few'))
      if (code === undefined) onFind = () => controller.abort(new Error('no more'))
      await expect(bad).rejects.toMatchObject(
        code === undefined ? { message: 'no more' } : { code },
      )
      onFind = () => {}
      const [few] = await good
      expect(rowsOf(few!).rows).toBe(20)
      few!.release()
      expect(heap.bytesInUse).toBe(0)
      client.close()
    }
  })

  test('bytes that cannot be are an error of their pull only', async () => {
    const { chunk } = chunkOfEverything(arena, seededRandom(8), 300)
    const text = chunk.columns.find(({ layout }) => layout === 'utf8')!
    const offsets = arena.allocate(4 * 301)
    holder.u8.copyWithin(offsets, text.offsets, text.offsets + 4 * 301)
    holder.u32[(offsets >>> 2) + 100] = 0xffff_0000
    tables.set('hostile', [{ rows: 300, columns: [{ ...text, offsets }], statistics: undefined }])
    tables.set('honest', [chunk])
    const client = createDataClient(consumer, token)
    const bad = client.pull(address(), [...refsOf('honest'), ...refsOf('hostile')])
    const good = client.pull(address(), refsOf('honest'))
    await expect(bad).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' })
    for (const pulled of await good) pulled.release()
    expect(consumer.bytesInUse).toBe(0)
    client.close()
  })

  test('a consumer that lies about itself is cut off', async () => {
    const requests: readonly unknown[] = [
      { kind: 'credit', bytes: 1 },
      { kind: 'pull', refs: [{ kind: 'result', task: -1, slice: 0 }] },
      { kind: 'sing' },
      7,
    ]
    for (const request of requests) {
      const socket = await dial(address(), 'data', token)
      socket.send(encodeMessage(request))
      await closeOf(socket)
    }
  })

  test('without the token, or to a door that is not there, there is no connection', async () => {
    const client = createDataClient(consumer, 'another token')
    const refused = { code: 'CONNECTION_FAILURE' }
    await expect(client.pull(address(), refsOf('small'))).rejects.toMatchObject(refused)
    await expect(dial(address(), 'cellar', token)).rejects.toMatchObject(refused)
  })
})

function closeOf(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once('close', resolve)
  })
}

/** The first and last values and some between: more than enough to see a byte out of place. */
function sampleOf(heap: Heap, vector: Vector): readonly Scalar[] {
  const last = vector.length - 1
  const rows = Array.from({ length: Math.ceil(vector.length / 97) }, (_, n) => n * 97)
  return last < 0 ? [] : [...rows, last].map((row) => scalarAt(heap, vector, row))
}
