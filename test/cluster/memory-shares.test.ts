import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  clusterBytesMax,
  clusterBytesMin,
  HEAP_BYTES_MAX,
  HEAP_BYTES_MIN,
  memoryShares,
} from '../../src/cluster/host/memory-shares.ts'

test('the shares are the limit at most, and each a heap that there can be', () => {
  const limits = fc.integer({ min: 1, max: 64 }).chain((workers) =>
    fc.record({
      workers: fc.constant(workers),
      bytes: fc.integer({ min: clusterBytesMin(workers), max: clusterBytesMax(workers) }),
    }),
  )
  fc.assert(
    fc.property(limits, ({ workers, bytes }) => {
      const { clientBytesMax, workerBytesMax } = memoryShares(bytes, workers)
      const total = clientBytesMax + workers * workerBytesMax
      expect(total).toBeLessThanOrEqual(bytes)
      // A page of each process is lost to rounding, no more.
      expect(total).toBeGreaterThan(bytes - (workers + 1) * 65_536)
      for (const share of [clientBytesMax, workerBytesMax]) {
        expect(share).toBeGreaterThanOrEqual(HEAP_BYTES_MIN)
        expect(share).toBeLessThanOrEqual(HEAP_BYTES_MAX)
        expect(share % 65_536).toBe(0)
      }
    }),
  )
})

const shares: readonly (readonly [
  bytes: number,
  workers: number,
  client: number,
  worker: number,
])[] = [
  [2 ** 25, 1, 2 ** 24, 2 ** 24],
  [2 ** 32, 2, 2 ** 31, 2 ** 30],
  [2 ** 33, 1, 2 ** 32, 2 ** 32],
  // One heap reaches no further than 4 GiB: the workers take what is over.
  [3 * 2 ** 32, 2, 2 ** 32, 2 ** 32],
]
test.each(shares)('%i bytes, %i workers', (bytes, workers, clientBytesMax, workerBytesMax) => {
  expect(memoryShares(bytes, workers)).toEqual({ clientBytesMax, workerBytesMax })
})
