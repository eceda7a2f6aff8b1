import type { FunctionCatalogue } from '../../functions/catalogue.ts'
import { FragmentRun } from './coordinate.ts'
import { outputOfFewRows } from './few-rows.ts'
import { receivedJob, type PostedJob } from '../jobs/posted-job.ts'
import type { Steps } from '../jobs/steps.ts'
import { startJob } from '../thread/thread-job.ts'
import type { PartitionsLease } from '../../data/vectors/chunk-lease.ts'
import type { ThreadEnvironment, ThreadPool } from '../jobs/thread.ts'
import type { FragmentTask } from './fragment-task.ts'
import { usual } from './usual-tuning.ts'

/**
 * Runs a task: those of few rows at once, small ones on the calling thread, others on the pool's threads.
 * Rejects with the first error of any thread (QUERY_CANCELED when the cancel word was set); no memory
 * stays allocated then.
 * Gives `stage.outputPartitions` lists of chunks (one for gather and broadcast), in order for sort roots.
 */
export function runFragment(
  task: FragmentTask,
  pool: ThreadPool | undefined,
  env: ThreadEnvironment,
): PartitionsLease | Promise<PartitionsLease> {
  const tuning = { ...usual, ...task.tuning }
  const output = outputOfFewRows(task, env, tuning.evaluationsMax)
  if (output === undefined) {
    const runStage = (part: FragmentTask): ReturnType<typeof runFragment> =>
      runFragment(part, pool, env)
    return new FragmentRun(task, pool, env, tuning, runStage).run()
  }
  task.noted?.('row by row')
  return output
}

/**
 * Begins one thread's share of a job that {@link runFragment} gave to a pool; ends with its report.
 * `functions`: those of the thread.
 */
export function startThreadJob(
  env: ThreadEnvironment,
  job: unknown,
  functions: FunctionCatalogue,
): Steps<unknown> {
  return startJob(env, receivedJob(job as PostedJob, functions))
}
