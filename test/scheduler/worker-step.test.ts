import { describe, expect, test } from 'vitest'
import type { TaskId, WorkerId } from '../../src/scheduler/scheduler/task-id.ts'
import type { InputRef, WorkerEvent, WorkerInstruction } from '../../src/scheduler/worker/events.ts'
import { createWorker, type WorkerOptions } from '../../src/scheduler/worker/state.ts'
import { stepWorker } from '../../src/scheduler/worker/step.ts'

const full = { code: 'OUT_OF_MEMORY', message: 'out of memory', details: {} } as const
const lost = { code: 'CONNECTION_FAILURE', message: 'lost', details: {} } as const

type Where = readonly [task: number, slice: number, holders: readonly number[], bytes?: number]

function assigned(task: number, inputs: readonly Where[] = [], priority = 0): WorkerEvent {
  return {
    kind: 'task-assigned',
    task: task as TaskId,
    priority,
    rank: task,
    payload: undefined,
    inputs: inputs.map(([input, slice, holders, bytes = 1]) => ({
      task: input as TaskId,
      slice,
      bytes,
      holders: holders as readonly WorkerId[],
    })),
  }
}

function executed(task: number): WorkerEvent {
  return { kind: 'task-executed', task: task as TaskId, bytes: 1, durationMs: 1 }
}

function failed(task: number): WorkerEvent {
  return { kind: 'task-failed', task: task as TaskId, error: lost }
}

function forgotten(...tasks: readonly number[]): WorkerEvent {
  return { kind: 'tasks-forgotten', tasks: tasks as readonly TaskId[] }
}

function refs(...names: readonly string[]): readonly InputRef[] {
  return names.map((name) => {
    const [task = 0, slice = 0] = name.split('/').map(Number)
    return { task: task as TaskId, slice }
  })
}

function fetched(holder: number, ...names: readonly string[]): WorkerEvent {
  return { kind: 'inputs-fetched', holder: holder as WorkerId, inputs: refs(...names) }
}

function notFetched(holder: number, ...names: readonly string[]): WorkerEvent {
  const inputs = refs(...names)
  return { kind: 'fetch-failed', holder: holder as WorkerId, inputs, error: lost }
}

function nameOf({ task, slice }: InputRef): string {
  return `${task}/${slice}`
}

function shorten(instruction: WorkerInstruction): string {
  switch (instruction.kind) {
    case 'execute':
      return `execute ${instruction.task}`
    case 'fetch':
      return `fetch ${instruction.inputs.map(nameOf).join()} from ${instruction.holder}`
    case 'drop-input':
      return `drop ${nameOf(instruction.input)}`
    case 'drop-result':
      return `drop ${instruction.task}`
    case 'stop-execution':
      return `stop ${instruction.task}`
    case 'report-finished':
      return `finished ${instruction.task}`
    case 'report-erred':
      return `erred ${instruction.task}`
    case 'report-replica':
      return `replica ${instruction.task}`
    case 'report-unreachable':
      return `unreachable ${instruction.tasks.join()} on ${instruction.holder}`
  }
}

function check(
  events: readonly WorkerEvent[],
  expected: readonly string[],
  options: Partial<WorkerOptions> = {},
): void {
  const worker = createWorker(0 as WorkerId, { executingMax: 1, ...options })
  const lines = events.map((event) => stepWorker(worker, [event], 0).map(shorten).join('; '))
  expect(lines).toEqual(expected)
}

describe('the worker, event by event', () => {
  const cases: readonly (readonly [string, readonly WorkerEvent[], readonly string[]])[] = [
    [
      'a result here is used and dropped when it is forgotten',
      [assigned(1), executed(1), assigned(2, [[1, 0, [0]]]), executed(2), forgotten(1)],
      ['execute 1', 'finished 1', 'execute 2', 'finished 2', 'drop 1'],
    ],
    [
      'a piece of a result elsewhere is fetched, and dropped after use',
      [assigned(2, [[1, 3, [5]]]), fetched(5, '1/3'), executed(2)],
      ['fetch 1/3 from 5', 'execute 2', 'drop 1/3; finished 2'],
    ],
    [
      'a whole result is kept as a copy until it is forgotten',
      [assigned(2, [[1, -1, [5]]]), fetched(5, '1/-1'), executed(2), forgotten(1)],
      ['fetch 1/-1 from 5', 'replica 1; execute 2', 'finished 2', 'drop 1/-1'],
    ],
    [
      'what is on its way serves whoever else needs it',
      [assigned(2, [[1, -1, [5]]]), assigned(3, [[1, -1, [5]]]), fetched(5, '1/-1'), executed(2)],
      ['fetch 1/-1 from 5', '', 'replica 1; execute 2', 'finished 2; execute 3'],
    ],
    [
      'one fetch to a holder at a time, all that waits in the next',
      [
        assigned(2, [[1, 0, [5]]]),
        assigned(3, [[1, 1, [5]]]),
        assigned(4, [[1, 2, [5]]]),
        fetched(5, '1/0'),
      ],
      ['fetch 1/0 from 5', '', '', 'fetch 1/1,1/2 from 5; execute 2'],
    ],
    [
      'another holder is asked when one fails',
      [assigned(2, [[1, 0, [5, 6]]]), notFetched(5, '1/0'), fetched(6, '1/0')],
      ['fetch 1/0 from 5', 'fetch 1/0 from 6', 'execute 2'],
    ],
    [
      'without another holder the scheduler decides',
      [assigned(2, [[1, 0, [5]]]), notFetched(5, '1/0'), forgotten(2)],
      ['fetch 1/0 from 5', 'unreachable 1 on 5', ''],
    ],
    [
      'an input that does not fit in fails the task',
      [assigned(2, [[1, 0, [5]]]), { ...notFetched(5, '1/0'), error: full } as WorkerEvent],
      ['fetch 1/0 from 5', 'erred 2'],
    ],
    ['an input that nobody holds fails the task', [assigned(2, [[1, 0, []]])], ['erred 2']],
    [
      'the first in priority goes first',
      [assigned(1), assigned(2, [], 5), assigned(3, [], -5), executed(1)],
      ['execute 1', '', '', 'finished 1; execute 3'],
    ],
    [
      'forgetting what waits to run',
      [assigned(1), assigned(2), forgotten(2), executed(1)],
      ['execute 1', '', '', 'finished 1'],
    ],
    [
      'forgetting what runs stops it; its result is dropped and not reported',
      [assigned(1), forgotten(1), executed(1)],
      ['execute 1', 'stop 1', 'drop 1'],
    ],
    ['... or its error is', [assigned(1), forgotten(1), failed(1)], ['execute 1', 'stop 1', '']],
    [
      'an input stays while a stopped task still reads it',
      [assigned(1), executed(1), assigned(2, [[1, 0, [0]]]), forgotten(2, 1), failed(2)],
      ['execute 1', 'finished 1', 'execute 2', 'stop 2', 'drop 1'],
    ],
    [
      'what arrives for nobody is dropped',
      [assigned(2, [[1, 0, [5]]]), forgotten(2), fetched(5, '1/0')],
      ['fetch 1/0 from 5', '', 'drop 1/0'],
    ],
  ]
  for (const [name, events, expected] of cases) test(name, () => check(events, expected))

  test('a fetch is bounded by bytes', () => {
    const inputs: readonly Where[] = [
      [1, 0, [5], 60],
      [1, 1, [5], 60],
      [1, 2, [5], 30],
    ]
    check(
      [assigned(2, inputs), fetched(5, '1/0', '1/2')],
      ['fetch 1/0,1/2 from 5', 'fetch 1/1 from 5'],
      { flightBytesMax: 100 },
    )
  })

  test('fetches under way are bounded', () => {
    const inputs = [5, 6, 7].map((holder): Where => [holder, 0, [holder]])
    check(
      [assigned(2, inputs), fetched(5, '5/0')],
      ['fetch 5/0 from 5; fetch 6/0 from 6', 'fetch 7/0 from 7'],
      { flightsMax: 2 },
    )
  })

  test('as many execute at once as may', () => {
    check(
      [assigned(1), assigned(2), assigned(3), executed(2)],
      ['execute 1', 'execute 2', '', 'finished 2; execute 3'],
      { executingMax: 2 },
    )
  })

  test('an event that cannot be is a fault of ours', () => {
    const worker = createWorker(0 as WorkerId)
    expect(() => stepWorker(worker, [executed(1)], 0)).toThrow('task 1 ended and was not there')
    stepWorker(worker, [assigned(1)], 0)
    stepWorker(worker, [executed(1)], 0)
    expect(() => stepWorker(worker, [executed(1)], 0)).toThrow('was not executing')
    expect(() => stepWorker(worker, [assigned(1)], 0)).toThrow('assigned twice')
  })
})
