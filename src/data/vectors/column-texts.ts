import type { MemoryViews } from '../arenas/memory-views.ts'
import type { Locale } from '../types/datetime/locale.ts'
import { valueForm } from '../types/catalogue.ts'
import { addColumn, type KnownEntries } from './add-column.ts'
import { ByteWriter } from './byte-writer.ts'
import { addBlock, addStoredTexts, BLOCK_BYTES_MAX, type Texts } from './text-blocks.ts'
import { textCells } from './text-cells.ts'
import type { Vector } from './vector.ts'

/** Adds all values of a vector to others as text in PostgreSQL's output format, null for NULL. */
export function addTexts(
  texts: (string | null)[],
  memory: MemoryViews,
  vector: Vector,
  known: KnownEntries<string | null> = new Map(),
  locale?: Locale,
): void {
  addColumn(texts, memory, vector, known, (more, from, plain) =>
    addWrittenTexts(more, from, plain, locale),
  )
}

/** As {@link addTexts}, of a vector without a dictionary: texts are written one behind the other and decoded together. */
export function addWrittenTexts(
  texts: Texts,
  memory: MemoryViews,
  vector: Vector,
  locale?: Locale,
): void {
  if (valueForm(vector.type) === 'text') return addStoredTexts(texts, memory, vector)
  const write = textCells({ kind: 'vector', heap: memory, vector }, locale)
  const out = new ByteWriter(2 * BLOCK_BYTES_MAX)
  const ends = new Uint32Array(Math.min(vector.length, BLOCK_ROWS_MAX))
  let rows = 0
  for (let row = 0; row < vector.length; row++) {
    write(out, row)
    ends[rows++] = out.at
    if (out.at < BLOCK_BYTES_MAX && rows < ends.length && row < vector.length - 1) continue
    addBlock(texts, out.bytes.subarray(0, out.at), ends.subarray(0, rows), 0)
    out.at = 0
    rows = 0
  }
}

/** Texts of a block: they are short mostly, so that a block of bytes has about as many. */
const BLOCK_ROWS_MAX = 16_384
