import { describe, expect, test } from 'vitest'
import { buildGraph } from '../../src/scheduler/graph/task-graph.ts'
import type { SchedulerEvent } from '../../src/scheduler/scheduler/events.ts'
import { createScheduler, setState, slotOf } from '../../src/scheduler/scheduler/state.ts'
import { step } from '../../src/scheduler/scheduler/step.ts'
import { storyOf } from '../../src/scheduler/scheduler/story.ts'
import {
  rerunIdOf,
  taskIdOf,
  type GraphId,
  type WorkerId,
} from '../../src/scheduler/scheduler/task-id.ts'
import { FORGOTTEN, MEMORY, stateNames } from '../../src/scheduler/scheduler/task-state.ts'
import {
  cancels,
  check,
  client,
  errs,
  finishes,
  joins,
  leaves,
  noConnection,
  releases,
  reruns,
  shorten,
  submits,
  taskId,
  unreachable,
} from './told.ts'

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
      [
        joins(0),
        submits([{ retriesMax: 1 }]),
        errs(0, 0, noConnection),
        { ...errs(0, 0, noConnection), task: rerunIdOf(0) } as SchedulerEvent,
      ],
      [
        '',
        'run 0 on 0',
        'forget 0 on 0; run rerun 0 on 0',
        'forget rerun 0 on 0; failed 0 CONNECTION_FAILURE',
      ],
    ],
    [
      '... but not for errors that the data has',
      [joins(0), submits([{ retriesMax: 1 }]), errs(0, 0)],
      ['', 'run 0 on 0', 'forget 0 on 0; failed 0 DIVISION_BY_ZERO'],
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
      ['', '', 'run 0 on 0', 'run rerun 0 on 1', 'failed 0 CONNECTION_FAILURE'],
    ],
    [
      'a lost result is made again, and what runs on it is stopped',
      [
        joins(0),
        joins(1),
        submits([{ retriesMax: 1 }, { retriesMax: 1 }, { inputs: [0, 1], retriesMax: 1 }]),
        finishes(0, 0, 8),
        finishes(1, 1, 1e9),
        leaves(0),
        // The report of the stopped run means nothing any more.
        finishes(2, 1),
        reruns(0, 1),
      ],
      [
        '',
        '',
        'run 0 on 0; run 1 on 1',
        '',
        'run 2 on 1',
        'forget 2 on 1; run rerun 0 on 1',
        'forget 2 on 1',
        'run rerun 1 on 1',
      ],
    ],
    [
      'so is what it was made from, and what was made from other runs of that',
      [
        joins(0),
        joins(1),
        // 1 and 2 read 0; 3 reads both.
        submits([
          { retriesMax: 1 },
          { inputs: [0], retriesMax: 1 },
          { inputs: [0], retriesMax: 1 },
          { inputs: [1, 2], retriesMax: 1 },
        ]),
        finishes(0, 0),
        finishes(1, 1),
        finishes(2, 0),
        // 2 is lost. 1 is there, but made from a run of 0 that will not be the one of the new 2.
        leaves(0),
        reruns(2, 1),
      ],
      [
        '',
        '',
        'run 0 on 0',
        'run 2 on 0; run 1 on 1',
        '',
        'run 3 on 1; forget 0 on 0',
        'forget 3,1 on 1; run rerun 2 on 1',
        'run rerun 3 on 1; run rerun 0 on 1',
      ],
    ],
    [
      'a copy that cannot be reached is none',
      [
        joins(0),
        joins(1),
        submits([{ retriesMax: 1 }, { retriesMax: 1 }, { inputs: [0, 1], retriesMax: 1 }]),
        finishes(0, 0, 8),
        finishes(1, 1, 1e9),
        unreachable(0, 1, 0),
        // Another reader of the same copy is late.
        unreachable(0, 1, 0),
      ],
      [
        '',
        '',
        'run 0 on 0; run 1 on 1',
        '',
        'run 2 on 1',
        'forget 0 on 0; forget 2 on 1; run rerun 0 on 0',
        '',
      ],
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
    step(scheduler, [{ kind: 'graph-submitted', client, graph: urgent, tasks }], 0)
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
      '2 ms released -> waiting (graph-submitted)',
      '2 ms waiting -> queued (graph-submitted)',
      '2 ms queued -> processing (graph-submitted)',
      '3 ms processing -> memory (task-finished)',
    ]
    expect(storyOf(scheduler.story, taskId(0))).toEqual(story)
    expect(() => setState(scheduler, slot, FORGOTTEN)).toThrow(story.join('\n'))
    expect(scheduler.tasks.state[slot]).toBe(MEMORY)
    expect(stateNames[MEMORY]).toBe('memory')
  })

  test('losses close together take one retry', () => {
    const scheduler = createScheduler({ windowMs: 0, lossWindowMs: 500 })
    step(scheduler, [joins(0), joins(1), joins(2), joins(3), submits([{ retriesMax: 1 }])], 1_000)
    const told = [1_000, 1_200, 1_500, 1_501].map((nowMs, worker) =>
      step(scheduler, [leaves(worker)], nowMs).map(shorten),
    )
    const failed = ['failed 0 CONNECTION_FAILURE']
    expect(told).toEqual([['run rerun 0 on 1'], ['run rerun 1 on 2'], ['run rerun 2 on 3'], failed])
  })

  test('a silent worker is told of once, and time in which nobody could be heard does not count', () => {
    const scheduler = createScheduler({ silenceMs: 100 })
    const heard = { kind: 'worker-heard', worker: 0 as WorkerId } as const
    const ticks = (nowMs: number): readonly string[] =>
      step(scheduler, [{ kind: 'tick' }], nowMs).map(shorten)
    step(scheduler, [joins(0), joins(1)], 0)
    expect([0, 20, 40, 60].flatMap(ticks)).toEqual([])
    step(scheduler, [heard], 70)
    // This process slept for a day: that is 25 ms of silence at most.
    expect(ticks(86_400_000)).toEqual([])
    expect(ticks(86_400_020)).toEqual(['silent 1'])
    step(scheduler, [heard], 86_400_030)
    expect([40, 60, 80, 100].flatMap((ms) => ticks(86_400_000 + ms))).toEqual([])
    expect(ticks(86_400_120)).toEqual(['silent 0'])
    expect([160, 180, 200].flatMap((ms) => ticks(86_400_000 + ms))).toEqual([])
  })

  test('ranges of forgotten graphs are used again', () => {
    const scheduler = createScheduler()
    step(scheduler, [joins(0)], 0)
    for (let n = 0; n < 1_000; n++) {
      const id = n as GraphId
      step(scheduler, [submits(chain, id)], 0)
      step(scheduler, [{ kind: 'graph-cancelled', client, graph: id }], 0)
    }
    expect(scheduler.tasks.capacity).toBeLessThanOrEqual(256)
    expect(scheduler.edges.capacity).toBeLessThanOrEqual(256)
  })
})
