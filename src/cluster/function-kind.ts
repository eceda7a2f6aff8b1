import { present } from '../base/assert.ts'
import { QueryError } from '../base/errors.ts'
import type { Urgency } from '../scheduler/worker/events.ts'
import { bytesOf, BytesLease } from './comm/result-lease.ts'
import type { FunctionContext, FunctionTask } from './function-context.ts'
import { canceled } from './run-query.ts'
import type { OpenTasks, TaskInputs, TaskKind } from './task-kinds.ts'
import type { TaskStop } from './task-stop.ts'
import type { FunctionPool } from './user-functions/function-pool.ts'

/** Tasks that call functions of users; `pool` is undefined where that is not allowed. */
export function functionKind(pool: FunctionPool | undefined): TaskKind<'function'> {
  return { open: (context) => new FunctionCalls(pool, context) }
}

class FunctionCalls implements OpenTasks<'function'> {
  readonly isOneByOne = false
  readonly #pool: FunctionPool | undefined
  readonly #context: FunctionContext

  constructor(pool: FunctionPool | undefined, context: FunctionContext) {
    this.#pool = pool
    this.#context = context
  }

  async run(
    { fn, args }: FunctionTask,
    inputs: TaskInputs,
    stop: TaskStop,
    urgency: Urgency,
  ): Promise<BytesLease> {
    if (this.#pool === undefined) throw notAllowed()
    const code = present(this.#context.functions[fn], 'a function that its graph does not have')
    const leases: BytesLease[] = []
    try {
      for (let n = 0; n < inputs.count; n++) leases.push(bytesOf(await inputs.load(n)))
      if (stop.isStopped) throw canceled()
      const values = leases.map(({ bytes }) => bytes)
      const call = this.#pool.run({ code, args, inputs: values, urgency })
      stop.onStop(() => call.cancel(canceled()))
      const { bytes, tookMs } = await call.result
      return new BytesLease(bytes, () => {}, tookMs)
    } finally {
      for (const lease of leases) lease.release()
    }
  }
}

function notAllowed(): QueryError {
  return new QueryError('INSUFFICIENT_PRIVILEGE', 'this cluster runs no functions of users', {
    hint: 'Start it with userFunctions: true.',
  })
}
