// A pool thread whose jobs are small scripts, for the pool's own tests.
import { QueryError } from '../../../dist/base/errors.js'
import { serveThread } from '../../../dist/cluster/threads/thread-loop.js'

function* waitForCancel(env, job) {
  const deadline = Date.now() + 30_000
  while (Atomics.load(env.heap.i32, job.cancel >>> 2) === 0) {
    if (Date.now() > deadline) throw new Error('was never told to stop')
    yield
  }
  throw new QueryError('QUERY_CANCELED', 'canceling statement due to user request')
}

const jobs = {
  echo: (env, job) => ({ thread: env.threadIndex, value: job.value }),
  // Every thread adds to one shared word: all are over the same memory.
  add: (env, job) => Atomics.add(env.heap.i32, job.word >>> 2, job.value),
  *fail(env, job) {
    if (env.threadIndex !== job.thread) return yield* waitForCancel(env, job)
    throw new QueryError('DIVISION_BY_ZERO', 'division by zero', { row: 7 })
  },
  bug() {
    throw new TypeError('not a query error')
  },
  *exit(env, job) {
    if (env.threadIndex === job.thread) process.exit(3)
    return yield* waitForCancel(env, job)
  },
  unclonable: () => () => 1,
}

function* start(env, job) {
  const made = jobs[job.kind](env, job)
  return typeof made?.next === 'function' ? yield* made : made
}

serveThread(start)
