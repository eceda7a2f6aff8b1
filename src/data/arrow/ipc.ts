import type * as Arrow from 'apache-arrow'
import type { Arena } from '../arenas/arena.ts'
import type { Heap } from '../arenas/heap.ts'
import type { Schema } from '../types/schema.ts'
import type { Chunk } from '../vectors/vector.ts'
import { fieldOfArrow } from './arrow-type.ts'
import { chunkOfBatch, guarded, type ArrowColumns } from './from-arrow.ts'
import { checkedMessage, readIpcLayout } from './ipc-messages.ts'
import { arrowBatches, arrowTable, toArrowTable, type ArrowBatches } from './to-arrow.ts'
import { arrow } from './library.ts'

/** Chunks as an Arrow IPC stream, one record batch a chunk. */
export function writeIpcStream(heap: Heap, schema: Schema, chunks: readonly Chunk[]): Uint8Array {
  return ipcStream(arrowBatches(heap, schema, chunks, { copy: false }))
}

/** Batches as the bytes of an Arrow IPC stream. */
export function ipcStream(batches: ArrowBatches): Uint8Array {
  return arrow.tableToIPC(arrowTable(batches), 'stream')
}

/** The same in pieces, so that a large one never stands in memory as a whole. `turns`: at least one, all of one schema. */
export async function* ipcStreamPieces(
  turns: AsyncIterable<ArrowBatches>,
): AsyncIterable<Uint8Array> {
  const writer = pieceWriter()
  let hasBegun = false
  for await (const { arrowSchema, batches } of turns) {
    if (!hasBegun) writer.reset(undefined, arrowSchema)
    hasBegun = true
    yield* writer.take()
    for (const batch of batches) {
      writer.write(batch)
      yield* writer.take()
    }
  }
  writer.finish()
  yield* writer.take()
}

interface PieceWriter extends Arrow.RecordBatchStreamWriter {
  take(): readonly Uint8Array[]
}

/** Keeps what it writes until it is taken; the writer's own queue can only be waited for. */
function pieceWriter(): PieceWriter {
  const pieces: Uint8Array[] = []
  class Writer extends arrow.RecordBatchStreamWriter {
    take(): readonly Uint8Array[] {
      return pieces.splice(0)
    }

    protected override _write(chunk: ArrayBufferView): this {
      if (!this._started || chunk.byteLength === 0) return this
      pieces.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      this._position += chunk.byteLength
      return this
    }
  }
  return new Writer()
}

/** Chunks as an Arrow IPC file (Feather version 2). */
export function writeIpcFile(heap: Heap, schema: Schema, chunks: readonly Chunk[]): Uint8Array {
  return arrow.tableToIPC(toArrowTable(heap, schema, chunks), 'file')
}

/** An Arrow IPC stream or file as chunks in memory of the arena. Throws BAD_FILE. */
export function readIpcStream(arena: Arena, bytes: Uint8Array): ArrowColumns {
  const read = (offset: number, length: number): Uint8Array => bytes.slice(offset, offset + length)
  const { schema, schemaBytes, messages } = readIpcLayout({ length: bytes.length, read })
  function* pieces(): Iterable<Uint8Array> {
    yield schemaBytes
    for (const { start, end } of messages) yield checkedMessage(read(start, end - start))
  }
  return guarded(() => {
    const columns = schema.fields.map((field) => fieldOfArrow(field))
    const batches = arrow.RecordBatchReader.from(pieces())
    const chunks = Array.from(batches, (batch) => chunkOfBatch(arena, columns, batch))
    return { schema: columns, chunks }
  })
}
