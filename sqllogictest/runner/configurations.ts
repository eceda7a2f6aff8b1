import { EngineError, type EngineSession, type SqlEngine } from './engine.ts'
import { stepBudget, underBudget } from '#heddle/base/budget.js'
import { QueryError } from '#heddle/base/errors.js'
import type { RuntimeParts } from '#heddle/cluster/runtime.js'
import { builtInFunctions } from '#heddle/functions/built-in.js'
import { decodePlan, encodePlan, memorySources, withScans } from '#heddle/cluster/plan-transfer.js'
import { Arena } from '#heddle/data/arenas/arena.js'
import { PartitionsLease } from '#heddle/data/vectors/chunk-lease.js'
import type { TableChunk } from '#heddle/data/chunks/table-chunk.js'
import { vectorFromScalars } from '#heddle/data/vectors/from-scalars.js'
import { Engine, type EngineParts } from '#heddle/engine/process/engine.js'
import type { ConnectOptions } from '#heddle/engine/process/options.js'
import { keepsAll } from '#heddle/engine/process/table-room.js'
import type { QueryResult } from '#heddle/engine/results/result.js'
import { Session } from '#heddle/engine/session.js'
import type { TextRows } from './compare.ts'
import { folderEngine } from './kept-folder.ts'
import type { FragmentTask, Tuning } from '#heddle/exec/fragment/fragment-task.js'
import { runFragment } from '#heddle/exec/fragment/fragment.js'
import { OutgrownError } from '#heddle/exec/jobs/jobs.js'
import { runReference } from '#heddle/exec/reference/run-reference.js'
import type { ThreadEnvironment } from '#heddle/exec/jobs/thread.js'
import { ruleNames } from '#heddle/plan/optimizer/rules/index.js'
import { planInputs } from '#heddle/plan/physical/plan-inputs.js'
import type { PhysicalPlan, Stage } from '#heddle/plan/physical/plan.js'

/** A way of running queries that must give the same answers as every other one. */
export interface Configuration {
  readonly name: string
  readonly options: ConnectOptions
  readonly parts?: EngineParts
  /** Statements of each new session. */
  readonly prepare?: readonly string[]
  /** Few threads and no processes: in every run of the tests. */
  readonly isQuick?: boolean
  /** Rows are read as they come, later ones while they are still made. */
  readonly streams?: boolean
  /** In every run of the tests with all own files, as it runs what the usual configuration does not. */
  readonly isWhole?: boolean
  /** Tables are kept in a folder, which must have all of them when it is opened again. */
  readonly inFolder?: boolean
}

/** Work is cut small, so that few rows are enough to cross the borders of batches and threads. */
function tuned(tuning: Partial<Tuning>): RuntimeParts {
  return {
    runFragment: (task, pool, env) =>
      runFragment({ ...task, tuning: { ...cutSmall, ...tuning } }, pool, env),
  }
}

/** Code is made and loaded, which few rows would not be worth. */
const cutSmall: Partial<Tuning> = {
  poolRowsMin: 0,
  morselRows: 3,
  evaluationsMax: 0,
  interpretation: 'never',
}

export const configurations: readonly Configuration[] = [
  {
    name: 'optimizer off',
    options: { threads: 1 },
    parts: tuned({ morselRows: 32_768 }),
    prepare: [`set disabled_rules = '${ruleNames.join(',')}'`],
    isQuick: true,
  },
  ...[1, 3, 1024].map((batchRows) => ({
    name: `batches of ${batchRows}`,
    options: { threads: 2 },
    parts: tuned({ batchRows, morselRows: batchRows + 1 }),
    isQuick: batchRows === 3,
  })),
  ...[1, 2, 7].map((threads) => ({
    name: `threads ${threads}`,
    options: { threads },
    parts: tuned({ batchRows: 16 }),
  })),
  {
    // Most own files have few rows, which are answered without code otherwise.
    name: 'pipelines',
    options: { threads: 1 },
    parts: {
      runFragment: (task, pool, env) =>
        runFragment({ ...task, tuning: { evaluationsMax: 0 } }, pool, env),
    },
    isQuick: true,
    isWhole: true,
  },
  {
    name: 'interpreted',
    options: { threads: 2 },
    parts: tuned({ interpretation: 'always' }),
  },
  {
    // Every plan that can be is divided as for too little memory, and what waits does so in files.
    name: 'spill',
    options: { threads: 1 },
    parts: {
      runFragment: (task, pool, env) =>
        runFragment({ ...task, tuning: { evaluationsMax: 0 } }, pool, env),
      alwaysParts: 3,
    },
    isQuick: true,
  },
  {
    // Rows of tables are never in memory but while they are read: by threads, and a piece of a table at once.
    name: 'kept',
    options: { threads: 2 },
    parts: { ...tuned({ batchRows: 16 }), tableBounds: keepsAll },
    isQuick: true,
  },
  {
    // The same where few rows are looked at one by one, and ascending columns are halved.
    name: 'kept few rows',
    options: { threads: 1 },
    parts: { tableBounds: keepsAll },
    isQuick: true,
    isWhole: true,
  },
  {
    // A slice of the rows is a chunk, however small.
    name: 'streamed',
    options: { threads: 2 },
    parts: tuned({ batchRows: 16, firstSliceRows: 1 }),
    streams: true,
    isQuick: true,
  },
  {
    // Checkpoints come all the time.
    name: 'durable',
    options: { threads: 1 },
    parts: { checkpointBytes: 10_000 },
    inFolder: true,
  },
  { name: 'two workers', options: { cluster: { workers: 2, threadsPerWorker: 1 } } },
  {
    name: 'plans written and read',
    options: { threads: 1 },
    parts: {
      runFragment: (task, pool, env) =>
        runFragment({ ...transferred(task), tuning: { evaluationsMax: 0 } }, pool, env),
    },
    isQuick: true,
  },
  {
    name: 'reference executor',
    options: { threads: 1 },
    isQuick: true,
    parts: {
      runFragment: async (task, pool, env) => {
        if (readsFiles(task.stage.root)) return runFragment(task, pool, env)
        try {
          return referenceOutput(task, env)
        } catch (error) {
          if (error instanceof OutgrownError) return runFragment(task, pool, env)
          throw error
        }
      },
    },
  },
]

/** The task as it comes out of the messages of a cluster. */
function transferred(task: FragmentTask): FragmentTask {
  const sources = memorySources(task.stage)
  const [stage] = decodePlan(
    encodePlan({ stages: [task.stage], columns: [] }),
    builtInFunctions,
  ).stages
  const chunksOf = (id: unknown): readonly TableChunk[] =>
    sources.find((source) => source.id === id)?.chunks ?? []
  return { ...task, stage: withScans(stage!, (source) => chunksOf(source.id)) }
}

function readsFiles(plan: PhysicalPlan): boolean {
  if (plan.kind === 'scan' && plan.table.source.kind !== 'memory') return true
  return planInputs(plan).some(readsFiles)
}

/** What takes it longer than some seconds is left to pipelines: it knows nothing but nested loops. */
const REFERENCE_STEPS_MAX = 5_000_000

function referenceOutput(
  { stage, inputs }: FragmentTask,
  { heap }: ThreadEnvironment,
): PartitionsLease {
  const budget = stepBudget(REFERENCE_STEPS_MAX, () => new OutgrownError())
  const rows = underBudget(budget, () =>
    runReference(soleStage(stage).root, { heap, stageInputs: inputs }),
  )
  const arena = new Arena(heap)
  const columns = stage.root.columns.map(({ id, type }) =>
    vectorFromScalars(
      arena,
      type,
      rows.map((row) => row.get(id) ?? null),
    ),
  )
  const chunk = { rows: rows.length, columns, statistics: undefined }
  return new PartitionsLease([[chunk]], () => arena.release())
}

/** In one process a query is one stage of one partition, unless it reads a stage twice. */
function soleStage(stage: Stage): Stage {
  if (stage.partitions === 1 && stage.outputPartitions === 1) return stage
  throw new Error(`stage ${stage.id} has several partitions`)
}

/**
 * Heddle in a configuration, an engine of its own for each file. Records know the configuration by its name
 * with dashes, as `skipif optimizer-off`.
 */
export function configuredEngine({
  name,
  options,
  parts,
  prepare = [],
  streams = false,
  inFolder = false,
}: Configuration): SqlEngine {
  return {
    names: ['heddle', 'postgresql', name.replaceAll(' ', '-')],
    async open(): Promise<EngineSession> {
      const folder = inFolder ? await folderEngine(options, parts) : undefined
      const engine = folder?.engine ?? (await Engine.start(options, parts))
      const session = new Session(engine)
      for (const statement of prepare) await session.query(statement)
      const closed = async (): Promise<void> => {
        // Nothing runs now; a heap that looks for faults looks at what nobody has freed, too.
        engine.heap.inspect()
        await (folder ?? engine).close()
      }
      return engineSession(session, closed, streams)
    },
    close: async () => {},
  }
}

/** A session as records and fuzzers use it; `closed` is called when it is. `streams`: rows are read as they come. */
export function engineSession(
  session: Session,
  closed: () => Promise<void>,
  streams = false,
): EngineSession {
  return {
    async run(sql) {
      try {
        const result = await session.query(sql, [], { streams })
        try {
          return { rows: streams ? await textsInTurn(result) : result.texts() }
        } finally {
          result.release()
        }
      } catch (error) {
        if (!(error instanceof QueryError)) throw error
        throw new EngineError(error.message, error.sqlState)
      }
    },
    async close() {
      session.close()
      await closed()
    },
  }
}

async function textsInTurn(result: QueryResult): Promise<TextRows> {
  const rows: (readonly (string | null)[])[] = []
  do for (const batch of result.batches()) rows.push(...batch.texts())
  while (result.isPartial && (await result.more()))
  return rows
}
