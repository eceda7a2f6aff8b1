import { assert } from '../base/assert.ts'
import { underBudget } from '../base/budget.ts'
import { isWorkingMemoryFull } from '../data/arenas/heap.ts'
import { LeaseScope, type Lease } from '../data/arenas/lease.ts'
import type { PartitionsLease } from '../data/vectors/chunk-lease.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import { runFragment } from '../exec/fragment/fragment.ts'
import type { FragmentTask } from '../exec/fragment/fragment-task.ts'
import type { ThreadEnvironment, ThreadPool } from '../exec/jobs/thread.ts'
import type { Stage } from '../plan/physical/plan.ts'
import { rowsOf } from './comm/result-lease.ts'
import { OwnParts, type OwnStage } from './own-parts.ts'
import type { QueryContext, StageTask } from './query-context.ts'
import { inputStagesOf, stageOf } from './query-graph.ts'
import { RangeSamples } from './range-samples.ts'
import { inTime } from './run-query.ts'
import type { OpenTasks, TaskInputs, TaskKind } from './task-kinds.ts'
import type { TaskStop } from './task-stop.ts'

export interface FragmentKindOptions {
  readonly env: ThreadEnvironment
  readonly pool: ThreadPool | undefined
  /**
   * Gets what a fragment reads besides its inputs (rows of tables that live elsewhere) and returns the
   * stage that reads them, held. Undefined where everything is in this heap already.
   */
  readonly localize?: ((stage: Stage, task: StageTask) => Promise<Lease<Stage>>) | undefined
  /** {@link runFragment} unless a test says otherwise. */
  readonly runFragment?: typeof runFragment | undefined
}

/** What is found out of a query in parts while it runs. */
interface QueryParts {
  readonly ranges: RangeSamples
  readonly own: OwnParts
}

/** Tasks that are fragments of queries: one partition of a stage, over chunks of this process's heap. */
export function fragmentKind(options: FragmentKindOptions): TaskKind<'fragment'> {
  return { open: (query) => new Fragments(options, query) }
}

/** The fragments of one query. */
class Fragments implements OpenTasks<'fragment'> {
  readonly isOneByOne: boolean
  readonly spilled: OpenTasks<'fragment'>['spilled']
  readonly #options: FragmentKindOptions
  readonly #query: QueryContext
  readonly #parts: QueryParts | undefined

  constructor(options: FragmentKindOptions, query: QueryContext) {
    const { heap } = options.env
    const { plan, figures } = query
    this.#options = options
    this.#query = query
    this.isOneByOne = plan.isInParts === true
    if (!this.isOneByOne) return
    this.#parts = { ranges: new RangeSamples(heap, plan), own: new OwnParts(heap) }
    this.spilled = (bytes) => {
      if (figures !== undefined) figures.spilledBytes += bytes
    }
  }

  async run(task: StageTask, inputs: TaskInputs, stop: TaskStop): Promise<PartitionsLease> {
    const planned = stageOf(this.#query.plan, task.stage)
    const parts = this.#parts
    const divided = parts?.ranges.stage(planned) ?? planned
    const own = parts?.own.stage(divided, task.partition) ?? wholeStage(planned)
    const output = await this.#run(own, task, inputs, stop)
    if (parts !== undefined) look(parts, planned, task.partition, output)
    return output
  }

  failed({ stage }: StageTask, error: unknown): void {
    const { plan, figures } = this.#query
    if (figures === undefined || !isWorkingMemoryFull(error)) return
    figures.isUndivided = stageOf(plan, stage).partitions === 1
  }

  async #run(
    own: OwnStage,
    task: StageTask,
    inputs: TaskInputs,
    stop: TaskStop,
  ): Promise<PartitionsLease> {
    const { stage } = own
    const { partition } = task
    const { queryId, noted, endsAtMs } = this.#query
    const { pool, env, localize, runFragment: run = runFragment } = this.#options
    const leases = new LeaseScope()
    try {
      const fragment: FragmentTask = {
        queryId,
        stage,
        partition,
        inputs: await this.#gather(own, partition, inputs, leases),
        cancel: stop.word,
        noted,
      }
      if (localize === undefined) {
        return await underBudget(inTime(endsAtMs, env.clock), () => run(fragment, pool, env))
      }
      const localized = leases.add(await localize(stage, task))
      return await run({ ...fragment, stage: localized.value }, pool, env)
    } finally {
      leases.close()
    }
  }

  /** What a fragment reads, by the stage that made it, in memory until the scope closes. */
  async #gather(
    { stage, unread }: OwnStage,
    partition: number,
    inputs: TaskInputs,
    leases: LeaseScope,
  ): Promise<ReadonlyMap<number, readonly Chunk[]>> {
    const gathered = new Map<number, readonly Chunk[]>()
    let next = 0
    for (const input of inputStagesOf(this.#query.plan, stage)) {
      const chunks: Chunk[] = []
      for (let from = 0; from < input.partitions; from++) {
        const n = next++
        const isOthers = input.output.kind === 'stay' && from !== partition
        if (isOthers || unread.has(input.id)) continue
        const lease = leases.add(rowsOf(await inputs.load(n)))
        // Not spread into the call: there may be more than a stack has room for.
        for (const chunk of lease.chunks) chunks.push(chunk)
      }
      gathered.set(input.id, chunks)
    }
    const waited = stage.isSequential === true && partition > 0 ? 1 : 0
    assert(next + waited === inputs.count, 'a task with other inputs than its stage has')
    return gathered
  }
}

/** Looks at an output while it is in memory; without where ranges begin there is none. */
function look(
  { ranges, own }: QueryParts,
  stage: Stage,
  partition: number,
  output: PartitionsLease,
): void {
  try {
    ranges.add(stage, output.partitions)
    own.add(stage, partition, output.partitions)
  } catch (error) {
    output.release()
    throw error
  }
}

/** A stage of which all tasks run the same plan. */
function wholeStage(stage: Stage): OwnStage {
  return { stage, unread: new Set() }
}
