import type { ErrorData } from '../../base/errors.ts'

/** How the memory of an engine with worker processes is divided; bytes of heaps. */
export interface MemoryShares {
  /** Of the process that was asked: it has the tables and takes results in. */
  readonly clientBytesMax: number
  /** Of each worker. */
  readonly workerBytesMax: number
}

/** One memory addresses no more. */
export const HEAP_BYTES_MAX = 4_294_967_296

/** Less than this is of no use to anybody. */
export const HEAP_BYTES_MIN = 16 * 1_048_576

/** Heaps consist of whole pages; no share is rounded up. */
const PAGE_BYTES = 65_536

/** The least that gives every process {@link HEAP_BYTES_MIN}. */
export function clusterBytesMin(workers: number): number {
  return 2 * workers * HEAP_BYTES_MIN
}

/** The most that the heaps of so many processes can be. */
export function clusterBytesMax(workers: number): number {
  return (workers + 1) * HEAP_BYTES_MAX
}

/**
 * The client keeps half, as far as one heap reaches; the workers share the rest equally. The shares together
 * are `bytesMax` at most, which must lie between {@link clusterBytesMin} and {@link clusterBytesMax}.
 */
export function memoryShares(bytesMax: number, workers: number): MemoryShares {
  const clientBytesMax = Math.min(wholePages(bytesMax / 2), HEAP_BYTES_MAX)
  const workerBytesMax = wholePages((bytesMax - clientBytesMax) / workers)
  return { clientBytesMax, workerBytesMax }
}

/** A worker's error as its client is to read it: what ran out is a share, which memoryBytesMax does not say. */
export function explainShare(
  error: ErrorData,
  { workers, workerBytesMax }: { readonly workers: number; readonly workerBytesMax: number },
): ErrorData {
  if (error.code !== 'OUT_OF_MEMORY') return error
  const hint =
    `This worker has ${workerBytesMax} bytes: half of memoryBytesMax is shared equally by ` +
    `${workers === 1 ? '1 worker' : `${workers} workers`}. Raise memoryBytesMax, take fewer workers, or ` +
    'select fewer rows or columns at once.'
  return { ...error, details: { ...error.details, hint } }
}

function wholePages(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES
}
