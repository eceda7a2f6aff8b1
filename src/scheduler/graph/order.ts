import { QueryError } from '../../base/errors.ts'

const NEW = 0
const OPEN = 1
const DONE = 2

/**
 * The rank of every task in a depth-first post-order from the outputs: a subtree is finished before
 * the next one is begun, so that few results are alive at once. O(tasks + inputs), no recursion. Inputs
 * beyond the tasks are those of other graphs, `others` of them, which are as good as done.
 * Throws INVALID_PARAMETER_VALUE when tasks depend on each other in a circle.
 */
export function staticOrder(inputStart: Uint32Array, inputs: Uint32Array, others = 0): Uint32Array {
  const tasks = inputStart.length - 1
  const order = new Uint32Array(tasks)
  if (tasks < 2) return order
  const needed = new Uint8Array(tasks + others)
  for (const input of inputs) needed[input] = 1
  const mark = new Uint8Array(tasks + others).fill(DONE, tasks)
  const next = Uint32Array.from(inputStart)
  const stack = new Uint32Array(tasks)
  let rank = 0
  const visit = (root: number): void => {
    let depth = 0
    stack[depth++] = root
    mark[root] = OPEN
    while (depth > 0) {
      const task = stack[depth - 1]!
      if (next[task] === inputStart[task + 1]) {
        order[task] = rank++
        mark[task] = DONE
        depth--
        continue
      }
      const input = inputs[next[task]!++]!
      if (mark[input] === OPEN) throw circle(input)
      if (mark[input] === DONE) continue
      mark[input] = OPEN
      stack[depth++] = input
    }
  }
  for (let task = 0; task < tasks; task++) if (needed[task] === 0) visit(task)
  // Whatever no output reaches can only be part of a circle; visiting it says which.
  for (let task = 0; task < tasks; task++) if (mark[task] === NEW) visit(task)
  return order
}

function circle(task: number): QueryError {
  const message = `the task graph has a circle through task ${task}`
  return new QueryError('INVALID_PARAMETER_VALUE', message)
}
