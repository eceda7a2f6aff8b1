import type { ErrorData } from '../../base/errors.ts'
import type { RunId } from '../../scheduler/scheduler/task-id.ts'
import {
  receivedArray,
  receivedError,
  receivedInteger,
  receivedObject,
  receivedString,
} from './checks.ts'
import type { ChunksHeader } from '../../data/chunks/chunk-layout.ts'
import { parseChunksHeader } from './chunks-header.ts'
import type { ResultLease } from './result-lease.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'

/** Something that another process holds: a piece of the result of a task's run, or a chunk of a table. */
export type DataRef =
  | { readonly kind: 'result'; readonly task: RunId; readonly slice: number }
  | { readonly kind: 'table'; readonly table: string; readonly chunk: number }

/** From the consumer, who dialled. Pulls are answered one after another. */
export type DataRequest =
  | { readonly kind: 'pull'; readonly refs: readonly DataRef[] }
  /** So many bytes were taken in: as many more may come. */
  | { readonly kind: 'credit'; readonly bytes: number }

/**
 * From the holder: for each ref of a pull its header, followed by `header.bytes` bytes in binary
 * frames of their own, or so many bytes of what are no rows; or an error, which ends the pull.
 */
export type DataReply =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'chunks'; readonly header: ChunksHeader }
  | { readonly kind: 'error'; readonly error: ErrorData }

/** Bytes of a data frame at most: larger ones are slower. */
export const FRAME_BYTES_MAX = 1 << 20

/** Bytes that a holder sends beyond what the consumer has taken in. */
export const WINDOW_BYTES = 8 << 20

/** A result that is no rows may not be larger. */
export const RESULT_BYTES_MAX = 1 << 30

export const PULL_REFS_MAX = 1 << 20
const TABLE_CHARACTERS_MAX = 200

export function parseDataRequest(message: unknown): DataRequest {
  const { kind, refs, bytes } = receivedObject(message, 'a request')
  switch (kind) {
    case 'pull':
      return { kind, refs: receivedArray(refs, PULL_REFS_MAX, 'refs').map(parseRef) }
    case 'credit':
      return { kind, bytes: receivedInteger(bytes, 0, WINDOW_BYTES, 'credit') }
    default:
      throw protocolViolation('a request of an unknown kind')
  }
}

export function parseDataReply(message: unknown): DataReply {
  const { kind, header, bytes, error } = receivedObject(message, 'a reply')
  switch (kind) {
    case 'bytes':
      return { kind, bytes: receivedInteger(bytes, 0, RESULT_BYTES_MAX, 'bytes') }
    case 'chunks':
      return { kind, header: parseChunksHeader(header) }
    case 'error':
      return { kind, error: receivedError(error) }
    default:
      throw protocolViolation('a reply of an unknown kind')
  }
}

function parseRef(value: unknown): DataRef {
  const { kind, task, slice, table, chunk } = receivedObject(value, 'a ref')
  switch (kind) {
    case 'result':
      return {
        kind,
        task: receivedInteger(task, 0, Number.MAX_SAFE_INTEGER, 'a task') as RunId,
        slice: receivedInteger(slice, -1, PULL_REFS_MAX, 'a slice'),
      }
    case 'table':
      return {
        kind,
        table: receivedString(table, TABLE_CHARACTERS_MAX, 'a table'),
        chunk: receivedInteger(chunk, 0, PULL_REFS_MAX * 1_024, 'a chunk'),
      }
    default:
      throw protocolViolation('a ref of an unknown kind')
  }
}

/** Finds what a consumer asks for; undefined when it is not held here (any more). */
export type FindData = (ref: DataRef) => ResultLease | undefined
