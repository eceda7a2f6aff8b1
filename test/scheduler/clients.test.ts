import { describe, expect, test } from 'vitest'
import type { SchedulerEvent } from '../../src/scheduler/scheduler/events.ts'
import { createScheduler, slotOf, taskNamed } from '../../src/scheduler/scheduler/state.ts'
import { step } from '../../src/scheduler/scheduler/step.ts'
import { storyOf } from '../../src/scheduler/scheduler/story.ts'
import {
  rerunIdOf,
  type ClientId,
  type GraphId,
  type WorkerId,
} from '../../src/scheduler/scheduler/task-id.ts'
import {
  check,
  ends,
  errs,
  fails,
  finishes,
  idIn,
  joins,
  leaves,
  releases,
  reruns,
  submits,
} from './told.ts'

/** `[graph, task]` of each. */
type Names = readonly (readonly [number, number])[]

function wants(by: number, ...names: Names): SchedulerEvent {
  return { kind: 'results-wanted', client: by as ClientId, tasks: names.map((id) => idIn(...id)) }
}

function lets(by: number, ...names: Names): SchedulerEvent {
  return { kind: 'results-released', client: by as ClientId, tasks: names.map((id) => idIn(...id)) }
}

function cancels(by: number, ...names: Names): SchedulerEvent {
  return { kind: 'tasks-cancelled', client: by as ClientId, tasks: names.map((id) => idIn(...id)) }
}

function retries(...names: Names): SchedulerEvent {
  return { kind: 'tasks-retried', tasks: names.map((id) => idIn(...id)) }
}

function gone(client: number): SchedulerEvent {
  return { kind: 'client-left', client: client as ClientId }
}

function gives(graph: number, ...holders: readonly (readonly number[])[]): SchedulerEvent {
  const results = holders.map((ids) => ({ bytes: 8, holders: ids as WorkerId[] }))
  return { kind: 'results-given', client: 0 as ClientId, graph: graph as GraphId, results }
}

/** The whole output of a task of another graph. */
function of(graph: number, task: number): { readonly other: number } {
  return { other: idIn(graph, task) }
}

type Case = readonly [string, readonly (readonly [SchedulerEvent, string])[]]

function run(cases: readonly Case[]): void {
  for (const [name, told] of cases) {
    test(name, () =>
      check(
        told.map(([event]) => event),
        told.map(([, line]) => line),
      ),
    )
  }
}

describe('graphs that read results of others', () => {
  run([
    [
      'a result in memory is there at once, and stays while it is needed',
      [
        [joins(0), ''],
        [submits([{}]), 'run 0 on 0'],
        [finishes(0, 0), 'memory 0'],
        [submits([{ inputs: [of(0, 0)] }], 1), 'run 1/0 on 0'],
        [releases(0), ''],
        [ends(idIn(1, 0), 0), 'memory 1/0; forget 0 on 0'],
        [lets(0, [1, 0]), 'forget 1/0 on 0; done 1; done'],
      ],
    ],
    [
      'one that is being made is waited for',
      [
        [joins(0), ''],
        [submits([{}]), 'run 0 on 0'],
        [submits([{ inputs: [of(0, 0), of(0, 0)] }, { inputs: [of(0, 0), 0] }], 1), ''],
        [finishes(0, 0), 'run 1/0 on 0; memory 0'],
        [ends(idIn(1, 0), 0), 'run 1/1 on 0'],
      ],
    ],
    [
      'one that failed fails what reads it',
      [
        [joins(0), ''],
        [submits([{}]), 'run 0 on 0'],
        [errs(0, 0), 'forget 0 on 0; failed 0 DIVISION_BY_ZERO'],
        [submits([{ inputs: [of(0, 0)] }, { inputs: [0] }], 1), 'failed 1/1 DIVISION_BY_ZERO'],
        [lets(0, [1, 1]), 'done 1'],
        [releases(0), 'done'],
      ],
    ],
    [
      'one that is gone fails what reads it, and nothing else',
      [
        [joins(0), ''],
        [
          submits([{ inputs: [of(0, 0)] }, { inputs: [0] }, {}], 1),
          'failed 1/1 UNDEFINED_OBJECT; run 1/2 on 0',
        ],
      ],
    ],
    [
      'one that was released is made again, and what was made from its first run with it',
      [
        [joins(0), ''],
        [submits([{}, { inputs: [0] }]), 'run 0 on 0'],
        [finishes(0, 0), 'run 1 on 0'],
        [finishes(1, 0), 'memory 1; forget 0 on 0'],
        [submits([{ inputs: [of(0, 0), of(0, 1)] }], 1), 'forget 1 on 0; run rerun 0 on 0'],
        [reruns(0, 0), 'run rerun 1 on 0'],
        [reruns(1, 0), 'run 1/0 on 0; memory 1'],
      ],
    ],
    [
      'what was made from a repeatable one stays',
      [
        [joins(0), ''],
        [submits([{ isRepeatable: true }, { inputs: [0] }]), 'run 0 on 0'],
        [finishes(0, 0), 'run 1 on 0'],
        [finishes(1, 0), 'memory 1; forget 0 on 0'],
        [submits([{ inputs: [of(0, 0), of(0, 1)] }], 1), 'run rerun 0 on 0'],
        [reruns(0, 0), 'run 1/0 on 0'],
      ],
    ],
    [
      'a loss takes what was made from it in other graphs',
      [
        [joins(0), ''],
        [submits([{ retriesMax: 1 }]), 'run 0 on 0'],
        [finishes(0, 0), 'memory 0'],
        [joins(1, { slots: 9 }), ''],
        [submits([{ inputs: [of(0, 0)] }], 1), 'run 1/0 on 0'],
        [ends(idIn(1, 0), 0), 'memory 1/0'],
        [{ kind: 'replica-added', worker: 1 as WorkerId, task: idIn(1, 0) }, ''],
        [leaves(0), 'forget 1/0 on 1; run rerun 0 on 1'],
      ],
    ],
  ])
})

describe('several clients', () => {
  run([
    [
      'a result stays until the last one that wants it lets it go, each once',
      [
        [joins(0), ''],
        [submits([{}]), 'run 0 on 0'],
        [wants(1, [0, 0]), ''],
        [wants(1, [0, 0]), ''],
        [finishes(0, 0), 'memory 0; memory 0 for 1'],
        [wants(2, [0, 0]), 'memory 0 for 2'],
        [lets(1, [0, 0]), ''],
        [lets(1, [0, 0]), ''],
        [releases(0), ''],
        [gone(2), 'forget 0 on 0; done'],
      ],
    ],
    [
      'who wants what failed or is gone is told so',
      [
        [joins(0), ''],
        [submits([{}]), 'run 0 on 0'],
        [errs(0, 0), 'forget 0 on 0; failed 0 DIVISION_BY_ZERO'],
        [
          wants(1, [0, 0], [7, 0]),
          'failed 0 DIVISION_BY_ZERO for 1; failed 7/0 UNDEFINED_OBJECT for 1',
        ],
        [lets(1, [0, 0], [7, 0]), ''],
        [releases(0), 'done'],
      ],
    ],
    [
      'who wants what was released, but is not forgotten, gets it made again',
      [
        [joins(0), ''],
        [submits([{ isRepeatable: true }, { inputs: [0] }]), 'run 0 on 0'],
        [finishes(0, 0), 'run 1 on 0'],
        [finishes(1, 0), 'memory 1; forget 0 on 0'],
        [wants(1, [0, 0]), 'run rerun 0 on 0'],
        [reruns(0, 0), 'memory 0 for 1'],
      ],
    ],
    [
      'a client that leaves wants nothing any more; others go on',
      [
        [joins(0), ''],
        [submits([{}, {}]), 'run 0 on 0; run 1 on 0'],
        [wants(1, [0, 1]), ''],
        [gone(0), 'forget 0 on 0'],
        [finishes(1, 0), 'memory 1 for 1'],
        [gone(1), 'forget 1 on 0; done'],
      ],
    ],
    [
      'cancelling takes what depends on it, and leaves what others want',
      [
        [joins(0, { slots: 3 }), ''],
        [submits([{}, { inputs: [0] }, { inputs: [1], wanted: true }]), 'run 0 on 0'],
        [submits([{ inputs: [of(0, 2)] }, {}], 1), 'run 1/1 on 0'],
        [wants(1, [0, 2]), ''],
        [cancels(0, [0, 0]), 'cancelled 2,1/0'],
        [finishes(0, 0), 'run 1 on 0'],
        [cancels(1, [0, 2]), 'cancelled 2 for 1; forget 1,0 on 0; done'],
        [cancels(0, [1, 1], [1, 0], [0, 2]), 'cancelled 1/1; forget 1/1 on 0; done 1'],
      ],
    ],
  ])
})

describe('errors and retries', () => {
  run([
    [
      'a task is run again for its own errors as often as it says',
      [
        [joins(0), ''],
        [submits([{ errorRetriesMax: 1 }]), 'run 0 on 0'],
        [errs(0, 0), 'forget 0 on 0; run rerun 0 on 0'],
        [fails(rerunIdOf(0), 0), 'forget rerun 0 on 0; failed 0 DIVISION_BY_ZERO'],
      ],
    ],
    [
      'retrying the last of a chain runs what failed first',
      [
        [joins(0), ''],
        [submits([{}, { inputs: [0] }, { inputs: [1] }]), 'run 0 on 0'],
        [finishes(0, 0), 'run 1 on 0'],
        [errs(1, 0), 'forget 1 on 0; failed 2 DIVISION_BY_ZERO; forget 0 on 0'],
        [submits([{ inputs: [of(0, 2)] }], 1), 'failed 1/0 DIVISION_BY_ZERO'],
        // What read the first error in vain comes along.
        [retries([0, 2]), 'run rerun 3 on 0'],
        [reruns(3, 0), 'run rerun 2 on 0'],
        [reruns(2, 0), 'forget rerun 3 on 0; run rerun 0 on 0'],
        [reruns(0, 0), 'run rerun 1 on 0; memory 2; forget rerun 2 on 0'],
        [reruns(1, 0), 'memory 1/0'],
      ],
    ],
    [
      'what did not fail is not retried',
      [
        [joins(0), ''],
        [submits([{}]), 'run 0 on 0'],
        [retries([0, 0], [9, 9]), ''],
        [finishes(0, 0), 'memory 0'],
        [retries([0, 0]), ''],
      ],
    ],
    [
      'a report that comes twice counts once',
      [
        [joins(0), ''],
        [submits([{}]), 'run 0 on 0'],
        [finishes(0, 0), 'memory 0'],
        [finishes(0, 0), ''],
        [releases(0), 'forget 0 on 0; done'],
        [finishes(0, 0), 'forget 0 on 0'],
      ],
    ],
  ])
})

describe('results that a client brings', () => {
  run([
    [
      'they are there at once, and go like others',
      [
        [joins(0), ''],
        [gives(0, [0], [0]), ''],
        [submits([{ inputs: [of(0, 0), of(0, 1)] }], 1), 'run 1/0 on 0'],
        [releases(0, 1), ''],
        [ends(idIn(1, 0), 0), 'memory 1/0; forget 0,1 on 0'],
        [lets(0, [1, 0]), 'forget 1/0 on 0; done 1; done'],
      ],
    ],
    [
      'one that is lost is lost, with what needs it',
      [
        [joins(0), ''],
        [joins(1), ''],
        [gives(0, [0], [1, 0]), ''],
        [
          submits(
            [
              { inputs: [of(0, 0)], retriesMax: 3 },
              { inputs: [of(0, 1)], retriesMax: 3 },
            ],
            1,
          ),
          'run 1/0 on 0; run 1/1 on 1',
        ],
        [leaves(0), 'failed 0 CONNECTION_FAILURE; failed 1/0 CONNECTION_FAILURE'],
        [ends(idIn(1, 1), 1), 'memory 1/1'],
      ],
    ],
    [
      'one that was released cannot be brought back',
      [
        [joins(0), ''],
        [gives(0, [0]), ''],
        [submits([{ inputs: [of(0, 0)] }], 1), 'run 1/0 on 0'],
        [releases(0), ''],
        [ends(idIn(1, 0), 0), 'memory 1/0; forget 0 on 0'],
        [submits([{ inputs: [of(0, 0), of(1, 0)] }], 2), 'failed 2/0 UNDEFINED_OBJECT'],
        [wants(1, [0, 0]), 'failed 0 UNDEFINED_OBJECT for 1'],
      ],
    ],
    [
      'one whose worker left meanwhile is gone',
      [
        [gives(0, [0]), 'failed 0 UNDEFINED_OBJECT'],
        [releases(0), 'done'],
      ],
    ],
  ])
})

test('a task with a name is found while it is there, and its story says what moved it', () => {
  const scheduler = createScheduler()
  const told = (event: SchedulerEvent, atMs: number): unknown => step(scheduler, [event], atMs)
  told(joins(0), 1)
  told(submits([{ name: 'load' }]), 2)
  const id = taskNamed(scheduler, 'load')!
  expect(id).toBe(idIn(0, 0))
  told(errs(0, 0), 3)
  told(retries([0, 0]), 4)
  told(gone(0), 5)
  expect(taskNamed(scheduler, 'load')).toBeUndefined()
  expect(slotOf(scheduler, id)).toBe(-1)
  expect(storyOf(scheduler.story, id)).toEqual([
    '2 ms released -> waiting (graph-submitted)',
    '2 ms waiting -> queued (graph-submitted)',
    '2 ms queued -> processing (graph-submitted)',
    '3 ms processing -> erred (task-erred)',
    '4 ms erred -> released (tasks-retried)',
    '4 ms released -> waiting (tasks-retried)',
    '4 ms waiting -> queued (tasks-retried)',
    '4 ms queued -> processing (tasks-retried)',
    '5 ms processing -> released (client-left)',
    '5 ms released -> forgotten (client-left)',
  ])
})
