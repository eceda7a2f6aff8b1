import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorFromData, type ErrorData } from '../../src/base/errors.ts'
import { createDataClient } from '../../src/cluster/comm/data-client.ts'
import type { BytesLease } from '../../src/cluster/comm/result-lease.ts'
import { startLocalCluster, type LocalCluster } from '../../src/cluster/local-cluster.ts'
import { sourceOf, type AnyFunction } from '../../src/cluster/user-functions/function-code.ts'
import { decodeValue } from '../../src/cluster/values/decode-value.ts'
import { encodeValue } from '../../src/cluster/values/encode-value.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { buildGraph, type TaskSpec } from '../../src/scheduler/graph/task-graph.ts'
import type { RunId, WorkerId } from '../../src/scheduler/scheduler/task-id.ts'

const heap = new Heap(Heap.createMemory(1 << 24))

interface Made {
  readonly run: RunId
  readonly holders: readonly WorkerId[]
}

/** Runs calls, each on the result of the one before it, and gives the last result. */
async function chain(
  cluster: LocalCluster,
  fns: readonly AnyFunction[],
  first: unknown,
): Promise<unknown> {
  const before = {}
  const options = { bytesMax: 1 << 20, what: 'arguments' }
  const inputOf = (value: object) => (value === before ? 0 : undefined)
  const specs = fns.map((_, n): TaskSpec => {
    const args = encodeValue([n === 0 ? first : before], { ...options, inputOf })
    const payload = { kind: 'function', fn: n, args }
    return { payload, inputs: n === 0 ? [] : [n - 1], retriesMax: 3, isRepeatable: true }
  })
  const { run, holders } = await new Promise<Made>((resolve, reject) => {
    cluster.scheduler.submit(
      buildGraph(specs),
      { function: { functions: fns.map(sourceOf) } },
      {
        inMemory: (_task, run, holders) => resolve({ run, holders }),
        failed: (_task, error: ErrorData) => reject(errorFromData(error)),
      },
    )
  })
  const client = createDataClient(heap, cluster.token)
  const { address } = cluster.workers.get(holders[0]!)!
  const [lease] = await client.pull(address, [{ kind: 'result', task: run, slice: -1 }])
  const value = decodeValue((lease as BytesLease).bytes)
  lease!.release()
  client.close()
  return value
}

describe('functions on worker processes', () => {
  let cluster: LocalCluster
  const options = { workers: 2, threadsPerWorker: 1, memoryBytesMax: 1 << 26 }

  beforeAll(async () => {
    cluster = await startLocalCluster({ ...options, userFunctions: true })
  })
  afterAll(() => cluster.close())

  test('results go on to other functions, whatever they are', async () => {
    const steps = [
      (n: number) => new Map([[n, { n: BigInt(n) }]]),
      (map: Map<number, { n: bigint }>) => [...map].map(([key, { n }]) => key + Number(n)),
      (sums: readonly number[]) => ({ sums, date: new Date(0) }),
    ]
    expect(await chain(cluster, steps, 21)).toEqual({ sums: [42], date: new Date(0) })
  })

  test('one whose worker is killed while it runs is run again, and what it read made again', async () => {
    const before = [...cluster.workers.values()].map(({ processId }) => processId)
    const dies = (file: string): string => {
      const { writeFileSync, existsSync } = process.getBuiltinModule('node:fs')
      if (existsSync(file)) return file
      writeFileSync(file, '')
      process.kill(process.pid, 'SIGKILL')
      return 'dead'
    }
    const folder = mkdtempSync(join(tmpdir(), 'heddle-killed-'))
    const file = join(folder, 'once')
    const steps = [(path: string) => path, dies, (path: string) => `${path}, then again`]
    expect(await chain(cluster, steps, file)).toBe(`${file}, then again`)
    rmSync(folder, { recursive: true })
    expect([...cluster.workers.values()].map(({ processId }) => processId)).not.toEqual(before)
  })
})

test('workers that were not told to allow functions run none', async () => {
  const cluster = await startLocalCluster({
    workers: 1,
    threadsPerWorker: 1,
    memoryBytesMax: 1 << 26,
  })
  try {
    await expect(chain(cluster, [(n: number) => n], 1)).rejects.toMatchObject({
      code: 'INSUFFICIENT_PRIVILEGE',
    })
  } finally {
    await cluster.close()
  }
})
