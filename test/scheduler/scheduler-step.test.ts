import { describe, expect, test } from 'vitest'
import type { ErrorData } from '../../src/base/errors.ts'
import { buildGraph, type TaskSpec } from '../../src/scheduler/graph/task-graph.ts'
import type { SchedulerEvent, SchedulerInstruction } from '../../src/scheduler/scheduler/events.ts'
import {
  createScheduler,
  setState,
  slotOf,
  type SchedulerOptions,
} from '../../src/scheduler/scheduler/state.ts'
import { step } from '../../src/scheduler/scheduler/step.ts'
import { storyOf } from '../../src/scheduler/scheduler/story.ts'
import {
  taskIdOf,
  taskIndexOf,
  type GraphId,
  type WorkerId,
} from '../../src/scheduler/scheduler/task-id.ts'
import { FORGOTTEN, MEMORY, stateNames } from '../../src/scheduler/scheduler/task-state.ts'

const division: ErrorData = { code: 'DIVISION_BY_ZERO', message: 'division by zero', details: {} }
const graph = 0 as GraphId

function taskId(task: number) {
  return taskIdOf(graph, task)
}

function joins(
  worker: number,
  more: Partial<Extract<SchedulerEvent, { kind: 'worker-joined' }>> = {},
) {
  const defaults = { slots: 1, memoryBytesMax: 1_000_000, resources: {} }
  return { kind: 'worker-joined', worker: worker as WorkerId, ...defaults, ...more } as const
}

function submits(specs: readonly Partial<TaskSpec>[], id: GraphId = graph): SchedulerEvent {
  const tasks = buildGraph(specs.map((spec, payload) => ({ payload, ...spec })))
  return { kind: 'graph-submitted', graph: id, tasks }
}

function finishes(task: number, worker: number, bytes = 8): SchedulerEvent {
  const id = taskId(task)
  return { kind: 'task-finished', worker: worker as WorkerId, task: id, bytes, durationMs: 1 }
}

function errs(task: number, worker: number): SchedulerEvent {
  return { kind: 'task-erred', worker: worker as WorkerId, task: taskId(task), error: division }
}

const cancels: SchedulerEvent = { kind: 'graph-cancelled', graph }

function releases(...tasks: readonly number[]): SchedulerEvent {
  return { kind: 'results-released', tasks: tasks.map(taskId) }
}

function leaves(worker: number): SchedulerEvent {
  return { kind: 'worker-left', worker: worker as WorkerId }
}

/** An instruction in a word or two: `run 3 on 0`. */
function shorten(instruction: SchedulerInstruction): string {
  switch (instruction.kind) {
    case 'run-task':
      return `run ${taskIndexOf(instruction.task)} on ${instruction.worker}`
    case 'forget-tasks':
      return `forget ${instruction.tasks.map(taskIndexOf).join()} on ${instruction.worker}`
    case 'task-in-memory':
      return `memory ${taskIndexOf(instruction.task)}`
    case 'task-failed':
      return `failed ${taskIndexOf(instruction.task)} ${instruction.error.code}`
    case 'graph-forgotten':
      return 'done'
  }
}

/** Each line of the expected text is what one event leads to. */
function check(
  events: readonly SchedulerEvent[],
  expected: readonly string[],
  options: Partial<SchedulerOptions> = {},
): void {
  const scheduler = createScheduler({ windowMs: 0, ...options })
  const lines = events.map((event) => step(scheduler, [event], 0).map(shorten).join('; '))
  expect(lines).toEqual(expected)
}

describe('the scheduler, event by event', () => {
  const chain = [{}, { inputs: [0] }]
  const cases: readonly (readonly [string, readonly SchedulerEvent[], readonly string[]])[] = [
    [
      'a chain: results go when nothing needs them',
      [joins(0), submits(chain), finishes(0, 0), finishes(1, 0), releases(1)],
      ['', 'run 0 on 0', 'run 1 on 0', 'memory 1; forget 0 on 0', 'forget 1 on 0; done'],
    ],
    ['without workers tasks wait for one', [submits(chain), joins(0)], ['', 'run 0 on 0']],
    [
      'an error reaches what depends on it',
      [joins(0), submits([{}, { inputs: [0] }, { inputs: [1] }]), errs(0, 0), releases(2)],
      ['', 'run 0 on 0', 'forget 0 on 0; failed 2 DIVISION_BY_ZERO', 'done'],
    ],
    [
      'an error frees the results that only its dependents needed',
      [joins(0), submits([{}, {}, { inputs: [0, 1] }]), finishes(0, 0), errs(1, 0)],
      ['', 'run 0 on 0; run 1 on 0', '', 'forget 1 on 0; failed 2 DIVISION_BY_ZERO; forget 0 on 0'],
    ],
    [
      'retries come first',
      [joins(0), submits([{ retriesMax: 1 }]), errs(0, 0), errs(0, 0)],
      ['', 'run 0 on 0', 'forget 0 on 0; run 0 on 0', 'forget 0 on 0; failed 0 DIVISION_BY_ZERO'],
    ],
    [
      'cancelling stops what runs and drops what is held',
      [joins(0), submits([{}, {}, { inputs: [0, 1] }]), finishes(0, 0), cancels, finishes(1, 0)],
      ['', 'run 0 on 0; run 1 on 0', '', 'forget 1,0 on 0; done', 'forget 1 on 0'],
    ],
    [
      'a dependent runs where its larger input is',
      [
        joins(0),
        joins(1),
        submits([{}, {}, { inputs: [0, 1] }]),
        finishes(0, 0),
        finishes(1, 1, 1e9),
      ],
      ['', '', 'run 0 on 0; run 1 on 1', '', 'run 2 on 1'],
    ],
    [
      'a lost result fails what needs it',
      [joins(0), joins(1), submits([{}, {}, { inputs: [0, 1] }]), finishes(0, 0), leaves(0)],
      ['', '', 'run 0 on 0; run 1 on 1', '', 'failed 2 CONNECTION_FAILURE; forget 1 on 1'],
    ],
    [
      'a copy elsewhere keeps it',
      [
        joins(0),
        joins(1),
        submits([{}, {}, { inputs: [0, 1] }]),
        finishes(0, 0),
        { kind: 'replica-added', worker: 1 as WorkerId, task: taskId(0) },
        leaves(0),
        finishes(1, 1),
      ],
      ['', '', 'run 0 on 0; run 1 on 1', '', '', '', 'run 2 on 1'],
    ],
    [
      'an interrupted task with a retry left moves on',
      [joins(0), joins(1), submits([{ retriesMax: 1 }]), leaves(0), leaves(1)],
      ['', '', 'run 0 on 0', 'run 0 on 1', 'failed 0 CONNECTION_FAILURE'],
    ],
    [
      'resources are not overbooked',
      [
        joins(0),
        joins(1, { resources: { gpu: 1 } }),
        submits([{ resources: { gpu: 1 } }, { resources: { gpu: 1 } }]),
        finishes(0, 1),
      ],
      ['', '', 'run 0 on 1', 'memory 0; run 1 on 1'],
    ],
    [
      'a report out of date is answered by forgetting',
      [joins(0), finishes(7, 0), errs(7, 0)],
      ['', 'forget 7 on 0', 'forget 7 on 0'],
    ],
    ['an empty graph is done at once', [submits([])], ['done']],
  ]
  for (const [name, events, expected] of cases) test(name, () => check(events, expected))

  const roots = Array.from({ length: 6 }, () => ({}))
  test('root tasks are held back to the saturation', () => {
    check(
      [joins(0), submits(roots), finishes(0, 0)],
      ['', 'run 0 on 0; run 1 on 0', 'memory 0; run 2 on 0'],
    )
  })

  test('... beyond which a worker holds a window of expected work', () => {
    check(
      [joins(0), submits(roots), finishes(0, 0, 0)],
      ['', 'run 0 on 0; run 1 on 0; run 2 on 0', 'memory 0; run 3 on 0'],
      { windowMs: 1.5 },
    )
  })

  test('... unless the expected results are large', () => {
    const more = [...roots, ...roots]
    const large = [0, 1, 2, 3, 4].map((task) => finishes(task, 0, 9_000))
    const first = [0, 1, 2, 3, 4, 5].map((task) => `run ${task} on 0`).join('; ')
    // After the last one there would be time for task 8, but not memory.
    check(
      [joins(0), submits(more), ...large],
      [
        '',
        first,
        'memory 0; run 6 on 0',
        'memory 1',
        'memory 2; run 7 on 0',
        'memory 3',
        'memory 4',
      ],
      { windowMs: 3 },
    )
  })

  test('a later graph of higher priority goes first', () => {
    const scheduler = createScheduler({ windowMs: 0 })
    const urgent = 1 as GraphId
    const tasks = buildGraph(
      roots.map((_, payload) => ({ payload })),
      { userPriority: 1 },
    )
    step(scheduler, [joins(0), submits(roots)], 0)
    step(scheduler, [{ kind: 'graph-submitted', graph: urgent, tasks }], 0)
    const [, run] = step(scheduler, [finishes(0, 0)], 0)
    expect(run).toMatchObject({ kind: 'run-task', task: taskIdOf(urgent, 0) })
  })

  test('inputs say where each piece is and how large', () => {
    const scheduler = createScheduler()
    const specs = [{}, { inputs: [{ task: 0, slice: 4 }] }]
    step(scheduler, [joins(0), submits(specs)], 0)
    const [run] = step(scheduler, [finishes(0, 0, 77)], 0)
    expect(run).toMatchObject({
      payload: 1,
      inputs: [{ task: taskId(0), slice: 4, bytes: 77, holders: [0] }],
    })
  })

  test('a move that is not allowed is told with the story', () => {
    const scheduler = createScheduler()
    step(scheduler, [joins(0)], 1)
    step(scheduler, [submits([{}])], 2)
    step(scheduler, [finishes(0, 0)], 3)
    const slot = slotOf(scheduler, taskId(0))
    const story = [
      '2 ms released -> waiting',
      '2 ms waiting -> processing',
      '3 ms processing -> memory',
    ]
    expect(storyOf(scheduler.story, taskId(0))).toEqual(story)
    expect(() => setState(scheduler, slot, FORGOTTEN)).toThrow(story.join('\n'))
    expect(scheduler.tasks.state[slot]).toBe(MEMORY)
    expect(stateNames[MEMORY]).toBe('memory')
  })

  test('ranges of forgotten graphs are used again', () => {
    const scheduler = createScheduler()
    step(scheduler, [joins(0)], 0)
    for (let n = 0; n < 1_000; n++) {
      const id = n as GraphId
      step(scheduler, [submits(chain, id)], 0)
      step(scheduler, [{ kind: 'graph-cancelled', graph: id }], 0)
    }
    expect(scheduler.tasks.capacity).toBeLessThanOrEqual(256)
    expect(scheduler.edges.capacity).toBeLessThanOrEqual(256)
  })
})
