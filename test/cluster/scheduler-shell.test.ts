import { describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { functionKind } from '../../src/cluster/function-kind.ts'
import { BytesLease } from '../../src/cluster/comm/result-lease.ts'
import {
  createSchedulerShell,
  type ClientListener,
  type SchedulerShell,
} from '../../src/cluster/scheduler-shell.ts'
import { createWorkerShell } from '../../src/cluster/worker-shell.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { buildGraph, type TaskSpec } from '../../src/scheduler/graph/task-graph.ts'
import {
  taskIdOf,
  taskIndexOf,
  graphOf,
  type GraphId,
  type RunId,
  type TaskId,
  type WorkerId,
} from '../../src/scheduler/scheduler/task-id.ts'
import { shapedPlan } from './plans.ts'

const clock = { nowMs: () => 0, wallMicros: () => 0n }
const contexts = { fragment: { queryId: 'q', plan: shapedPlan([{ partitions: 1 }]) } }

/**
 * A scheduler with one worker in this process. Task n of a graph gives `n(...)` with what it reads; negative
 * ones fail as long as `isBroken` says so.
 */
function world() {
  const heap = new Heap(Heap.createMemory(1 << 20))
  const scheduler: SchedulerShell = createSchedulerShell(clock)
  const state = { held: 0, ran: [] as number[], isBroken: true }
  const worker = createWorkerShell({
    id: 0 as WorkerId,
    heap,
    clock,
    kinds: {
      function: functionKind(undefined),
      fragment: {
        open: () => ({
          isOneByOne: false,
          async run({ stage }, inputs) {
            state.ran.push(stage)
            if (stage < 0 && state.isBroken) throw new QueryError('DATA_EXCEPTION', 'broken')
            const texts: string[] = []
            for (let n = 0; n < inputs.count; n++) {
              const input = await inputs.load(n)
              texts.push(Buffer.from((input as BytesLease).bytes).toString())
              input.release()
            }
            state.held++
            const text = `${stage}(${texts.join()})`
            return new BytesLease(Buffer.from(text), () => void state.held--)
          },
        }),
      },
    },
    report: (event) => scheduler.tell(event),
    fetch: () => Promise.reject(new Error('nobody else is there')),
  })
  scheduler.addWorker({
    slots: 4,
    memoryBytesMax: heap.bytesMax,
    resources: {},
    welcome: () => {},
    openGraph: (graph, given) => worker.openGraph(graph, given),
    closeGraph: (graph) => worker.closeGraph(graph),
    runTask: (task) => worker.runTask(task),
    forgetTasks: (tasks) => worker.forgetTasks(tasks),
    silent: () => {},
  })
  const read = (run: RunId): string => {
    const result = worker.read({ task: run, slice: -1 }) as BytesLease
    const text = Buffer.from(result.bytes).toString()
    result.release()
    return text
  }
  return { scheduler, state, read, settled: settledOf(worker) }
}

/** Until no task runs, and none that was started by one that ended. */
function settledOf(worker: ReturnType<typeof createWorkerShell>): () => Promise<void> {
  return async () => {
    for (let quiet = 0; quiet < 3; quiet++) {
      for (let graph = 0; graph < 8; graph++) await worker.settled(graph as GraphId)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** A graph of tasks that are told from each other by their stage. */
function graphOfTasks(specs: readonly (Partial<TaskSpec> & { readonly stage: number })[]) {
  return buildGraph(
    specs.map(({ stage, ...spec }) => ({
      ...spec,
      payload: { kind: 'fragment', stage, partition: 0 },
    })),
  )
}

/** What a client was told, in words. */
function listenerOf(read: (run: RunId) => string, told: string[]): ClientListener {
  const nameOf = (task: TaskId): string => `${graphOf(task)}/${taskIndexOf(task)}`
  return {
    inMemory: (task, run) => told.push(`${nameOf(task)} = ${read(run)}`),
    failed: (task, error) => told.push(`${nameOf(task)} ${error.code}`),
    cancelled: (tasks) => told.push(`cancelled ${tasks.map(nameOf).join()}`),
  }
}

describe('clients of a scheduler with a worker in this process', () => {
  test('graphs read results of earlier ones, which go when nobody needs them', async () => {
    const { scheduler, state, read, settled } = world()
    const [mine, yours]: [string[], string[]] = [[], []]
    const me = scheduler.addClient(listenerOf(read, mine))
    const you = scheduler.addClient(listenerOf(read, yours))
    const first = taskIdOf(me.submit(graphOfTasks([{ stage: 1 }]), contexts), 0)
    await settled()
    const tasks = [{ stage: 2, inputs: [{ other: first }, { other: first }] }]
    const second = taskIdOf(me.submit(graphOfTasks(tasks), contexts), 0)
    me.release([first])
    you.want([second])
    await settled()
    expect(mine).toEqual(['0/0 = 1()', '1/0 = 2(1(),1())'])
    expect(yours).toEqual(['1/0 = 2(1(),1())'])
    expect(state.held).toBe(1)
    me.leave()
    expect(state.held).toBe(1)
    you.release([second])
    expect(state.held).toBe(0)
    you.want([second])
    expect(yours.at(-1)).toBe('1/0 UNDEFINED_OBJECT')
  })

  test('what failed is retried, and its story told by name', async () => {
    const { scheduler, state, read, settled } = world()
    const told: string[] = []
    const client = scheduler.addClient(listenerOf(read, told))
    const tasks = [
      { stage: -1, name: 'load' },
      { stage: 2, inputs: [0] },
    ]
    const last = taskIdOf(client.submit(graphOfTasks(tasks), contexts), 1)
    await settled()
    expect(told).toEqual(['0/1 DATA_EXCEPTION'])
    state.isBroken = false
    client.retry([last])
    await settled()
    expect(told.at(-1)).toBe('0/1 = 2(-1())')
    expect(state.ran).toEqual([-1, -1, 2])
    expect(scheduler.story('load')).toContain('0 ms erred -> released (tasks-retried)')
    expect(scheduler.story('nobody')).toEqual([])
    client.leave()
    expect(state.held).toBe(0)
  })

  test('who cancels hears what it took along', async () => {
    const { scheduler, state, read, settled } = world()
    const told: string[] = []
    const client = scheduler.addClient(listenerOf(read, told))
    const first = taskIdOf(client.submit(graphOfTasks([{ stage: 1 }]), contexts), 0)
    client.submit(graphOfTasks([{ stage: 2, inputs: [{ other: first }] }]), contexts)
    client.cancel([first])
    await settled()
    expect(told).toEqual(['cancelled 0/0,1/0'])
    expect(state.ran).toEqual([1])
    expect(state.held).toBe(0)
  })
})
