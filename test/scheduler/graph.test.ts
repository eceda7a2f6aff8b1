import { array, assert, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildGraph, type TaskGraph } from '../../src/scheduler/graph/task-graph.ts'

function graphOfInputs(inputs: readonly (readonly number[])[]): TaskGraph {
  return buildGraph(inputs.map((needs, payload) => ({ payload, inputs: needs })))
}

function inputsOf(graph: TaskGraph, task: number): readonly number[] {
  return [...graph.inputs.subarray(graph.inputStart[task], graph.inputStart[task + 1])]
}

describe('static order', () => {
  const cases: readonly (readonly [string, readonly (readonly number[])[], readonly number[]])[] = [
    ['a chain', [[], [0], [1]], [0, 1, 2]],
    ['a chain listed backwards', [[1], [2], []], [2, 1, 0]],
    [
      'one subtree before the next',
      [[], [], [], [], [0, 2], [1, 3], [4, 5]],
      [0, 3, 1, 4, 2, 5, 6],
    ],
    ['a diamond', [[], [0], [0], [1, 2]], [0, 1, 2, 3]],
    ['tasks on their own', [[], [], []], [0, 1, 2]],
  ]
  for (const [name, inputs, order] of cases) {
    test(name, () => expect([...graphOfInputs(inputs).order]).toEqual(order))
  }

  const circles = [[[0]], [[1], [0]], [[], [0, 3], [1], [2]]]
  for (const inputs of circles) {
    test(`a circle is refused: ${JSON.stringify(inputs)}`, () => {
      expect(() => graphOfInputs([...inputs, []])).toThrow('circle')
    })
  }

  test('inputs come before what needs them, in any graph', () => {
    const graphs = array(array(nat(1_000), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 60,
    })
    assert(
      property(graphs, (raw) => {
        const graph = graphOfInputs(raw.map((needs, n) => (n === 0 ? [] : needs.map((i) => i % n))))
        const { order } = graph
        expect([...order].sort((a, b) => a - b)).toEqual(raw.map((_, n) => n))
        for (const [task] of raw.entries()) {
          for (const input of inputsOf(graph, task)) {
            expect(order[input]).toBeLessThan(order[task]!)
          }
        }
      }),
    )
  })
})

describe('building', () => {
  test('outputs are wanted unless it is said what is', () => {
    const inputs = [[], [0], [0]]
    expect([...graphOfInputs(inputs).wanted]).toEqual([0, 1, 1])
    const specs = inputs.map((needs, n) => ({ payload: n, inputs: needs, wanted: n === 0 }))
    expect([...buildGraph(specs).wanted]).toEqual([1, 0, 0])
  })

  test('a task that is not there cannot be an input, nor a name be given twice', () => {
    expect(() => graphOfInputs([[1]])).toThrow('outside')
    expect(() => buildGraph([1, 2].map((payload) => ({ payload, name: 'x' })))).toThrow('named x')
  })
})
