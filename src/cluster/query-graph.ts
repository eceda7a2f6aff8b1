import { assert, present } from '../base/assert.ts'
import type { Stage, StagedPlan } from '../plan/physical/plan.ts'
import {
  buildGraph,
  WHOLE_OUTPUT,
  type TaskGraph,
  type TaskInput,
  type TaskSpec,
} from '../scheduler/graph/task-graph.ts'

/** What a task of a query's graph is: one partition of one stage. */
export interface StageTask {
  readonly stage: number
  readonly partition: number
}

/** A query's graph, and where each stage's tasks are in it. */
export interface QueryGraph {
  readonly graph: TaskGraph
  /** Number of a stage's first task by stage id; its partitions follow. */
  readonly firstTask: ReadonlyMap<number, number>
  /** The task whose output is the result. */
  readonly resultTask: number
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
 * the tasks of all its partitions.
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
  for (const stage of plan.stages) {
    firstTask.set(stage.id, specs.length)
    for (let partition = 0; partition < stage.partitions; partition++) {
      const payload: StageTask = { stage: stage.id, partition }
      const inputs = inputsOf(plan, stage, partition, firstTask)
      specs.push({ payload, inputs, group: `stage ${stage.id}`, retriesMax: RETRIES_MAX })
    }
  }
  const last = present(plan.stages.at(-1), 'a plan without stages')
  assert(last.partitions === 1, 'the last stage has one partition')
  const resultTask = specs.length - 1
  const wanted = specs.map((spec, task) => ({ ...spec, wanted: task === resultTask }))
  return { graph: buildGraph(wanted), firstTask, resultTask }
}

function inputsOf(
  plan: StagedPlan,
  stage: Stage,
  partition: number,
  firstTask: ReadonlyMap<number, number>,
): readonly TaskInput[] {
  return inputStagesOf(plan, stage).flatMap((input) => {
    const first = present(firstTask.get(input.id), 'a stage reads one that comes later')
    const slice = sliceOf(input, stage, partition)
    return Array.from({ length: input.partitions }, (_, n) => ({ task: first + n, slice }))
  })
}

/** Which piece of each of an input stage's outputs belongs to a partition of the consumer. */
function sliceOf(input: Stage, consumer: Stage, partition: number): number {
  switch (input.output.kind) {
    case 'gather':
    case 'broadcast':
      return WHOLE_OUTPUT
    case 'hash':
    case 'round-robin':
      assert(
        input.outputPartitions === consumer.partitions,
        `stage ${input.id} is split for another number of tasks than stage ${consumer.id} has`,
      )
      return partition
  }
}
