import type { RecordBatch } from 'apache-arrow'
import { Arena } from '../../../data/arenas/arena.ts'
import { chunkOfBatch } from '../../../data/arrow/from-arrow.ts'
import { arrow } from '../../../data/arrow/library.ts'
import { checkedMessage, type IpcLayout } from '../../../data/arrow/ipc-messages.ts'
import type { Chunk } from '../../../data/vectors/vector.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import type { ReaderEnvironment, ScanRequest, ScanUnit, UnitReader } from '../../scan/source.ts'
import { openFile, type ByteSource } from '../byte-source.ts'
import { fileColumns, withPartitions, type FileColumns } from '../with-partitions.ts'
import { registerCodecs } from './compression.ts'
import { located, readAt, readLayout } from './messages.ts'
import { checkTexts } from './texts.ts'

const CHUNK_ROWS_MAX = 122_880

interface OpenFile {
  readonly index: number
  readonly source: ByteSource
  readonly layout: IpcLayout
  /** Dictionaries that come before every batch. */
  readonly dictionaries: readonly Uint8Array[]
}

/** Reads record batches of Arrow IPC files and streams: see UnitReader. */
export function openArrowReader(request: ScanRequest, env: ReaderEnvironment): UnitReader {
  registerCodecs(env)
  const columns = fileColumns(request)
  const arena = new Arena(env.heap)
  let open: OpenFile | undefined
  return withPartitions(request, env, {
    *read(unit) {
      const file = request.source.files[unit.file]!
      if (open?.index !== unit.file) {
        open?.source.close()
        open = openArrow(file, unit.file)
      }
      yield* readUnit({ file, open, unit, columns, env, arena })
    },
    close() {
      open?.source.close()
      arena.release()
    },
  })
}

function openArrow(file: FileEntry, index: number): OpenFile {
  const layout = readLayout(file)
  const source = openFile(file)
  const shared = layout.isSplittable
    ? layout.messages.filter(({ kind }) => kind === 'dictionary')
    : []
  const dictionaries = shared.map(({ start, end }) => readAt(file, source, start, end - start))
  return { index, source, layout, dictionaries }
}

interface UnitInFile {
  readonly file: FileEntry
  readonly open: OpenFile
  readonly unit: ScanUnit
  readonly columns: FileColumns
  readonly env: ReaderEnvironment
  readonly arena: Arena
}

function* readUnit({ file, open, unit, columns, env, arena }: UnitInFile): Iterable<Chunk> {
  const { layout, source, dictionaries } = open
  const fields = columns.wanted.map((at) => columns.columns[at]!)
  const batches = layout.messages.filter(({ kind }) => kind === 'batch')
  const wanted = layout.isSplittable ? batches.slice(unit.part, unit.part + 1) : layout.messages
  function* pieces(): Iterable<Uint8Array> {
    yield layout.schemaBytes
    for (const message of dictionaries) yield checkedMessage(message)
    for (const { start, end } of wanted) {
      yield checkedMessage(readAt(file, source, start, end - start))
    }
  }
  const reader = located(file, () => arrow.RecordBatchReader.from(pieces()).open())
  try {
    for (;;) {
      const next = located(file, () => reader.next())
      if (next.done === true) return
      const batch = next.value as RecordBatch
      for (let row = 0; row < batch.numRows; row += CHUNK_ROWS_MAX) {
        arena.release()
        const end = Math.min(batch.numRows, row + CHUNK_ROWS_MAX)
        const slice = row === 0 && end === batch.numRows ? batch : batch.slice(row, end)
        yield located(file, () => {
          const chunk = chunkOfBatch(arena, columns.columns, slice, columns.wanted)
          checkTexts(env, chunk, fields, row)
          return chunk
        })
      }
    }
  } finally {
    reader.cancel()
  }
}
