import { QueryError, type ErrorCode } from '../../base/errors.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { TypeKind } from '../../data/types/data-type.ts'
import type { Locale } from '../../data/types/datetime/locale.ts'
import { isReadOtherwise } from '../../data/types/locale-parts.ts'
import type { Schema } from '../../data/types/schema.ts'
import { fileBytes } from '../../io/filesystems/whole-files.ts'
import { inspectLocation } from '../../io/open.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { CopyForm } from './options.ts'

/** Types that the reader of CSV files reads as COPY does. */
const plainTypes: ReadonlySet<TypeKind> = new Set<TypeKind>([
  'int2',
  'int4',
  'int8',
  'float8',
  'decimal',
  'numeric',
  'text',
  'date',
  'timestamp',
])

/** Errors that another way of reading would raise as well. */
const lasting: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'QUERY_CANCELED',
  'OUT_OF_MEMORY',
  'DISK_FULL',
  'IO_ERROR',
  'FILE_NOT_FOUND',
  'INSUFFICIENT_PRIVILEGE',
  'ADMIN_SHUTDOWN',
])

/**
 * Whether the form of a COPY is one that files of CSV are read in otherwise too, by kernels on all threads. What they read is
 * what COPY reads where {@link linesOfPlainFile} tells as many lines as there are rows.
 */
export function isPlainCsv(form: CopyForm, columns: Schema, locale: Locale): boolean {
  const { format, header, quote, escape, forceNotNull, forceNull, nullText } = form
  const isForced = forceNotNull.length > 0 || forceNull.length > 0
  if (format !== 'csv' || header === 'match' || quote !== escape || isForced) return false
  if (nullText.length > NULL_CHARACTERS_MAX || /[^ -~]/.test(nullText)) return false
  return columns.every(({ type }) => plainTypes.has(type.kind) && !isReadOtherwise(type, locale))
}

const NULL_CHARACTERS_MAX = 28

/** A file as a table of these columns. */
export async function plainTable(
  location: string,
  columns: Schema,
  { delimiter, header, quote, nullText }: CopyForm,
  options: Parameters<typeof fileBytes>[1],
): Promise<TableEntry> {
  const fileOptions = {
    delimiter,
    header: header !== 'none',
    quote,
    nullStrings: [nullText],
    compression: 'none',
  } as const
  const declared = columns.map(({ name, type }) => ({ name, type, nullable: true }))
  const inspected = await inspectLocation(location, {
    ...options,
    format: 'csv',
    columns: declared,
    fileOptions,
  })
  return { kind: 'table', schema: '', name: location, ...inspected }
}

/**
 * The lines of a file; undefined where it has what COPY reads in a way of its own: carriage returns, backslashes, a byte order
 * mark.
 */
export async function linesOfPlainFile(
  { engine }: StatementContext,
  location: string,
  options: Parameters<typeof fileBytes>[1],
): Promise<number | undefined> {
  const { heap, kernels } = engine
  const arena = new Arena(heap)
  try {
    const block = arena.allocate(BLOCK_BYTES)
    let lines = 0
    let last: number = NEWLINE
    for await (const bytes of fileBytes(location, options)) {
      if (lines === 0 && last === NEWLINE && bytes[0] === BYTE_ORDER_MARK) return undefined
      if (bytes.includes(RETURN) || bytes.includes(BACKSLASH)) return undefined
      for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
        const part = bytes.subarray(at, at + BLOCK_BYTES)
        heap.u8.set(part, block)
        lines += kernels.call('countByte', block, block + part.length, NEWLINE)
      }
      last = bytes.at(-1) ?? last
    }
    return last === NEWLINE ? lines : lines + 1
  } finally {
    arena.release()
  }
}

const BLOCK_BYTES = 1_048_576
const NEWLINE = 10
const RETURN = 13
const BACKSLASH = 92
const BYTE_ORDER_MARK = 0xef

/** Whether an error is to be found again by reading as COPY does, which tells its line and may not find it at all. */
export function isOfReader(error: unknown): boolean {
  return error instanceof QueryError && !lasting.has(error.code)
}
