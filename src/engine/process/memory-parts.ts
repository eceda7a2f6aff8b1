import { processMemory } from '../../cluster/host/machine.ts'
import type { MemoryClaims } from '../../cluster/in-process-runner.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { moduleCacheStatistics } from '../../exec/thread/module-cache.ts'

/** A part of the memory and what it has. */
export interface MemoryPart {
  readonly part: string
  readonly bytes: number
  readonly described: string
}

interface MeasuredEngine {
  readonly heap: Heap
  readonly threads: number
  /** Bytes of rows that wait, or are kept, in files. */
  readonly fileBytes: number
  readonly claims: MemoryClaims
}

/**
 * What the memory of a process is divided into. The first seven are parts of the working memory, of which as much is
 * resident as was ever in use at once; `process` is all of it, those before it included.
 */
export function memoryParts({
  heap,
  threads,
  fileBytes,
  claims,
}: MeasuredEngine): readonly MemoryPart[] {
  const { usage, bytesInUse, bytesTouched, bytesMax, kept } = heap
  const { residentBytes, heapBytes, externalBytes } = processMemory()
  const part = (name: string, bytes: number, described: string): MemoryPart => {
    return { part: name, bytes, described }
  }
  return [
    part('tables', usage.table, 'rows of tables'),
    part('queries', usage.query, 'what queries that run have made so far'),
    part('results', usage.result, 'results that are being read, and what waits between tasks'),
    part('readers', usage.reader, 'what is read of files'),
    part('engine', usage.engine, 'constants and counters'),
    part('kept', kept.bytes, 'pages of files, decompressed, which go when memory is asked for'),
    part(
      'free',
      Math.max(0, bytesTouched - bytesInUse - kept.bytes),
      'was in use, and is there for what comes',
    ),
    part('limit', bytesMax, 'what the parts above may have together'),
    part(
      'code',
      moduleCacheStatistics().bytes * (threads + 1),
      'WebAssembly of queries, if every thread has what the calling one has',
    ),
    part('javascript', heapBytes, 'values of JavaScript'),
    part('buffers', externalBytes, 'buffers beside these, compiled kernels among them'),
    part('process', residentBytes, 'all that is resident'),
    part('files', fileBytes, 'rows in temporary files'),
    part(
      'claimed',
      claims.claimedBytes,
      'what queries that run are expected to take at most, and rows that clients have not read',
    ),
    part('waiting', claims.waitingBytes, 'what queries would take that wait for those to end'),
  ]
}
