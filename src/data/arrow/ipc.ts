import * as arrow from 'apache-arrow'
import type { Arena } from '../arenas/arena.ts'
import type { Heap } from '../arenas/heap.ts'
import type { Schema } from '../types/schema.ts'
import type { Chunk } from '../vectors/vector.ts'
import { fromArrowTable, guarded, type ArrowColumns } from './from-arrow.ts'
import { toArrowTable } from './to-arrow.ts'

/** Chunks as an Arrow IPC stream, one record batch a chunk. */
export function writeIpcStream(heap: Heap, schema: Schema, chunks: readonly Chunk[]): Uint8Array {
  return arrow.tableToIPC(toArrowTable(heap, schema, chunks), 'stream')
}

/** Chunks as an Arrow IPC file (Feather version 2). */
export function writeIpcFile(heap: Heap, schema: Schema, chunks: readonly Chunk[]): Uint8Array {
  return arrow.tableToIPC(toArrowTable(heap, schema, chunks), 'file')
}

/** An Arrow IPC stream or file as chunks in memory of the arena. Throws BAD_FILE. */
export function readIpcStream(arena: Arena, bytes: Uint8Array): ArrowColumns {
  return fromArrowTable(
    arena,
    guarded(() => arrow.tableFromIPC(bytes)),
  )
}
