import { assert, present } from '../base/assert.ts'
import type { Stage, StagedPlan } from '../plan/physical/plan.ts'
import {
  buildGraph,
  WHOLE_OUTPUT,
  type TaskGraph,
  type TaskInput,
  type TaskSpec,
} from '../scheduler/graph/task-graph.ts'
import type { WorkOf } from './task-kinds.ts'

/** A query's graph, and where each stage's tasks are in it. */
export interface QueryGraph {
  readonly graph: TaskGraph
  /**
   * Number of a stage's first task by stage id; its partitions follow. A last stage that only gathers
   * has none.
   */
  readonly firstTask: ReadonlyMap<number, number>
  /** The tasks whose outputs are the result, one after another. */
  readonly resultTasks: readonly number[]
}

/**
 * How many losses of workers a query survives (those close together count as one); with the next one it
 * fails. Only reads are tasks: what a statement changes is applied by its session when all of them are done.
 */
const RETRIES_MAX = 3

const graphs = new WeakMap<StagedPlan, QueryGraph>()

/** One task a stage partition; the graph of a plan is made once. */
export function queryGraph(plan: StagedPlan): QueryGraph {
  const known = graphs.get(plan)
  if (known !== undefined) return known
  const made = makeGraph(plan)
  graphs.set(plan, made)
  return made
}

/**
 * The inputs of a task, in the order in which {@link queryGraph} lists them: for each input stage
 * the tasks of all its partitions, and behind them what it only waits for.
 */
export function inputStagesOf(plan: StagedPlan, stage: Stage): readonly Stage[] {
  return stage.inputs.map((id) => stageOf(plan, id))
}

export function stageOf(plan: StagedPlan, id: number): Stage {
  const stage = plan.stages[id]?.id === id ? plan.stages[id] : undefined
  return (
    stage ??
    present(
      plan.stages.find((other) => other.id === id),
      `no stage ${id} in the plan`,
    )
  )
}

function makeGraph(plan: StagedPlan): QueryGraph {
  const firstTask = new Map<number, number>()
  const specs: TaskSpec[] = []
  const last = present(plan.stages.at(-1), 'a plan without stages')
  assert(last.partitions === 1, 'the last stage has one partition')
  const passedOn = passedOnBy(plan, last)
  for (const stage of plan.stages) {
    if (stage === last && passedOn !== undefined) continue
    firstTask.set(stage.id, specs.length)
    for (let partition = 0; partition < stage.partitions; partition++) {
      const payload: WorkOf<'fragment'> = { kind: 'fragment', stage: stage.id, partition }
      const inputs = inputsOf(plan, stage, partition, firstTask)
      specs.push({ payload, inputs, group: `stage ${stage.id}`, retriesMax: RETRIES_MAX })
    }
  }
  const { id, partitions } = passedOn ?? last
  const first = present(firstTask.get(id), 'the result is of no stage')
  const resultTasks = Array.from({ length: partitions }, (_, partition) => first + partition)
  const wanted = specs.map((spec, task) => ({ ...spec, wanted: resultTasks.includes(task) }))
  return { graph: buildGraph(wanted), firstTask, resultTasks }
}

/**
 * The stage whose rows the last one only gathers. Whoever wants the result can take them from where they
 * are: no rows move to one worker first, which need not have room for all of them.
 */
function passedOnBy(plan: StagedPlan, { root }: Stage): Stage | undefined {
  if (root.kind !== 'stage-input') return undefined
  const input = stageOf(plan, root.stage)
  return input.output.kind === 'gather' ? input : undefined
}

function inputsOf(
  plan: StagedPlan,
  stage: Stage,
  partition: number,
  firstTask: ReadonlyMap<number, number>,
): readonly TaskInput[] {
  const inputs = inputStagesOf(plan, stage).flatMap((input) => {
    const first = present(firstTask.get(input.id), 'a stage reads one that comes later')
    const slice = sliceOf(input, stage, partition)
    return Array.from({ length: input.partitions }, (_, n) => ({ task: first + n, slice }))
  })
  if (stage.isSequential !== true || partition === 0) return inputs
  const own = present(firstTask.get(stage.id), 'the first task of a stage')
  return [...inputs, { task: own + partition - 1, slice: WHOLE_OUTPUT }]
}

/** Which piece of each of an input stage's outputs belongs to a partition of the consumer. */
function sliceOf(input: Stage, consumer: Stage, partition: number): number {
  switch (input.output.kind) {
    case 'gather':
    case 'broadcast':
    case 'stay':
      return WHOLE_OUTPUT
    case 'hash':
    case 'round-robin':
    case 'range':
    case 'numbered':
      assert(
        input.outputPartitions === consumer.partitions,
        `stage ${input.id} is split for another number of tasks than stage ${consumer.id} has`,
      )
      return partition
  }
}
