// A worker process whose fragments pass rows on: stage 0 gives its share of a table in memory, later
// stages what they read. Whole chunks are dealt out to the pieces of a split output.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { QueryError } from '../../dist/base/errors.js'
import {
  allocateChunks,
  describeChunks,
  finishChunks,
} from '../../dist/data/chunks/chunk-layout.js'
import { serveParent } from '../../dist/cluster/worker-parent.js'
import { runWorkerProcess } from '../../dist/cluster/worker-process.js'
import { PartitionsLease } from '../../dist/data/vectors/chunk-lease.js'

/** Inputs end with the fragment: what is given back has memory of its own. */
function copyOf(heap, chunks) {
  const { header, ranges } = describeChunks(heap, chunks)
  const copy = allocateChunks(heap, header)
  const sent = Buffer.concat(ranges.map(({ start, bytes }) => heap.u8.slice(start, start + bytes)))
  let taken = 0
  for (const { start, bytes } of copy.ranges) {
    heap.u8.set(sent.subarray(taken, taken + bytes), start)
    taken += bytes
  }
  finishChunks(heap, copy)
  return copy
}

async function relay({ queryId, stage, partition, inputs, cancel }, _pool, { heap }) {
  const isFirst = stage.root.kind === 'scan'
  if (queryId === 'crash' && isFirst && partition === 1) process.exit(9)
  const [verb, where, folder] = queryId.split(' ')
  if (verb === 'pause' && where === (isFirst ? 'scan' : stage.id === 1 ? 'read' : '')) {
    writeFileSync(join(folder, `${process.pid} ${stage.id} ${partition}`), '')
    while (!existsSync(join(folder, 'go')) && Atomics.load(heap.i32, cancel >>> 2) === 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5)
      })
    }
  }
  if (queryId === 'hang' && isFirst) {
    while (Atomics.load(heap.i32, cancel >>> 2) === 0) {
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
    throw new QueryError('QUERY_CANCELED', 'canceling statement due to user request')
  }
  if (queryId === 'fail' && stage.id === 1 && partition === 0) {
    throw new QueryError('DIVISION_BY_ZERO', 'division by zero', { file: 'a.csv', row: 3 })
  }
  const read = isFirst
    ? stage.root.table.source.chunks.filter((_, n) => n % stage.partitions === partition)
    : [...inputs.values()].flat()
  const { chunks, block } = copyOf(heap, read)
  const pieces = Array.from({ length: stage.outputPartitions }, (_, piece) =>
    chunks.filter((_chunk, n) => (partition + n) % stage.outputPartitions === piece),
  )
  return new PartitionsLease(pieces, () => heap.free(block))
}

serveParent((options) => runWorkerProcess(options, { runFragment: relay }))
