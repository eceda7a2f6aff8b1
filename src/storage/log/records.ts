import { assert } from '../../base/assert.ts'
import type { VectorHeader } from '../../data/chunks/chunk-layout.ts'
import type { ColumnStatistics } from '../../data/vectors/vector.ts'
import type { CatalogEdit } from './catalog-edits.ts'
import { readPlain, writePlain } from './plain-values.ts'

/** What the head of a record says. */
export type LogText =
  | { readonly kind: 'vectors'; readonly vectors: readonly VectorText[] }
  | {
      readonly kind: 'commit'
      readonly chunks: readonly ChunkText[]
      readonly edits: readonly CatalogEdit[]
    }
  | { readonly kind: 'numbers'; readonly sequences: readonly NumbersText[] }

/** A column, whose bytes lie in the body of its record. */
export interface VectorText {
  readonly id: number
  readonly header: VectorHeader
  readonly checksum: number
  /** Of its first byte in the body. */
  readonly at: number
  readonly dictionary: number | undefined
}

/** A chunk of columns that were written before. */
export interface ChunkText {
  readonly id: number
  readonly rows: number
  readonly statistics: readonly ColumnStatistics[] | undefined
  /** The number of each column's vector, and the first of its rows. */
  readonly columns: readonly (readonly [vector: number, firstRow: number])[]
}

/** Where a sequence goes on, by its id. */
export interface NumbersText {
  readonly id: string
  readonly last: bigint
  readonly isCalled: boolean
}

export function recordHead(record: LogText): Uint8Array {
  return new TextEncoder().encode(writePlain(record))
}

export function readRecordHead(head: string): LogText {
  const record = readPlain(head) as unknown as LogText
  assert(kinds.has(record.kind), () => `a record of the unknown kind ${record.kind}`)
  return record
}

const kinds: ReadonlySet<string> = new Set<LogText['kind']>(['vectors', 'commit', 'numbers'])
