import { describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { BytesLease, type ResultLease } from '../../src/cluster/comm/result-lease.ts'
import { functionKind } from '../../src/cluster/function-kind.ts'
import { HeldResults } from '../../src/cluster/held-results.ts'
import type { OpenTasks, TaskInputs } from '../../src/cluster/task-kinds.ts'
import type { TaskStop } from '../../src/cluster/task-stop.ts'
import { createWorkerShell, type WorkerReport } from '../../src/cluster/worker-shell.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import type { InputLocation } from '../../src/scheduler/scheduler/events.ts'
import type { GraphId, RunId, WorkerId } from '../../src/scheduler/scheduler/task-id.ts'
import { shapedPlan } from './plans.ts'

const graph = 0 as GraphId
const worker = 0 as WorkerId
const contexts = { fragment: { queryId: 'q', plan: shapedPlan([{ partitions: 1 }]) } }

function textOf(result: ResultLease): string {
  return Buffer.from((result as BytesLease).bytes).toString()
}

/** A worker whose tasks are the test's, of which it counts the results that are not released. */
function shellOf(
  run: (n: number, inputs: TaskInputs, stop: TaskStop) => Promise<string>,
  fetched: readonly string[] = [],
) {
  const heap = new Heap(Heap.createMemory(1 << 20))
  const reports: WorkerReport[] = []
  let held = 0
  const lease = (text: string): BytesLease => {
    held++
    return new BytesLease(Buffer.from(text), () => void held--)
  }
  const tasks: OpenTasks<'fragment'> = {
    isOneByOne: false,
    run: async ({ stage }, inputs, stop) => lease(await run(stage, inputs, stop)),
  }
  const shell = createWorkerShell({
    id: worker,
    heap,
    clock: { nowMs: () => 0, wallMicros: () => 0n },
    kinds: { fragment: { open: () => tasks }, function: functionKind(undefined) },
    report: (event) => void reports.push(event),
    fetch: (_holder, inputs) => Promise.resolve(inputs.map((_, n) => lease(fetched[n]!))),
  })
  shell.openGraph(graph, contexts)
  return {
    shell,
    reports,
    held: () => held,
    runs(task: number, inputs: readonly InputLocation[] = []) {
      const payload = { kind: 'fragment', stage: task, partition: 0 }
      const run = { kind: 'run-task', worker, graph, task: task as RunId, priority: 0 } as const
      shell.runTask({ ...run, rank: task, inputs, payload })
    },
  }
}

function input(task: number, holder: number): InputLocation {
  return { task: task as RunId, slice: -1, bytes: 1, holders: [holder as WorkerId] }
}

describe('tasks that give bytes', () => {
  test('are held until they are dropped, read by tasks, and told of with their size', async () => {
    const { shell, reports, held, runs } = shellOf(
      async (n, inputs) => {
        const texts: string[] = []
        for (let at = 0; at < inputs.count; at++) {
          const read = await inputs.load(at)
          texts.push(textOf(read))
          read.release()
        }
        return `${n}(${texts.join()})`
      },
      ['far'],
    )
    runs(1)
    await shell.settled(graph)
    runs(2, [input(1, 0), input(9, 7), input(1, 0)])
    await new Promise((resolve) => setImmediate(resolve))
    await shell.settled(graph)
    expect(reports).toMatchObject([
      { kind: 'task-finished', task: 1, bytes: 3 },
      { kind: 'replica-added', task: 9 },
      { kind: 'task-finished', task: 2, bytes: 14 },
    ])
    const read = shell.read({ task: 2 as RunId, slice: -1 })!
    shell.forgetTasks([1, 2, 9] as RunId[])
    expect(held()).toBe(1)
    expect(textOf(read)).toBe('2(1(),far,1())')
    read.release()
    expect(held()).toBe(0)
    await shell.close()
  })

  test('hear by a signal that they are to stop, or find it stopped already', async () => {
    const { shell, reports, held, runs } = shellOf(async (n, _inputs, stop) => {
      if (n === 2) shell.forgetTasks([2 as RunId])
      const { signal } = stop
      if (!signal.aborted) {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve)
        })
      }
      expect(stop.isStopped).toBe(true)
      return 'late'
    })
    runs(1)
    runs(2)
    shell.forgetTasks([1 as RunId])
    await shell.settled(graph)
    expect(reports).toEqual([])
    expect(held()).toBe(0)
    await shell.close()
  })

  test('that fail tell why', async () => {
    const { shell, reports, runs } = shellOf(() =>
      Promise.reject(new QueryError('DATA_EXCEPTION', 'no luck')),
    )
    runs(1)
    await shell.settled(graph)
    expect(reports).toMatchObject([{ kind: 'task-erred', task: 1, error: { message: 'no luck' } }])
    await shell.close()
  })

  test('are nothing that a graph without their kind can have', () => {
    const { shell, runs } = shellOf(() => Promise.resolve('never'))
    shell.closeGraph(graph)
    shell.openGraph(graph, {})
    expect(() => runs(1)).toThrow('a kind that its graph has no context of')
  })
})

test('bytes that were dropped stay until their last reader is done, and are released once', async () => {
  const results = new HeldResults()
  let released = 0
  results.hold('a', new BytesLease(Buffer.from('a'), () => void released++))
  results.hold('b', new BytesLease(Buffer.from('b'), () => void released++))
  const readers = [results.read('a', -1)!, results.read('a', 0)!, (await results.load('a', -1))!]
  results.drop('a')
  expect(results.read('a', -1)).toBeUndefined()
  for (const reader of readers) {
    expect(released).toBe(0)
    expect(textOf(reader)).toBe('a')
    reader.release()
  }
  expect(released).toBe(1)
  expect(await results.spill(() => false)).toBe(0)
  results.dropAll()
  expect(released).toBe(2)
})

test('bytes that have no room are released, and told of', () => {
  const results = new HeldResults({ valueBytesMax: 10 })
  let released = 0
  const hold = (name: string, bytes: number): void =>
    results.hold(name, new BytesLease(new Uint8Array(bytes), () => void released++))
  hold('a', 6)
  expect(() => hold('b', 5)).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }))
  expect(released).toBe(1)
  hold('c', 4)
  const reader = results.read('a', -1)!
  results.drop('a')
  expect(() => hold('d', 1)).toThrow('no room beside 10 bytes of others')
  reader.release()
  hold('d', 6)
  results.dropAll()
  expect(released).toBe(5)
})
