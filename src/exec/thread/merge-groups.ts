import { present } from '../../base/assert.ts'
import { canonicalMerge } from '../../compile/shape/canonical.ts'
import { compileMerge } from '../../compile/wasm/compile-pipeline.ts'
import type { Pipeline } from '../../compile/model/pipeline.ts'
import { enter, instantiate } from './instances.ts'
import { emptyReport, type JobReport, type MergeJob } from '../jobs/jobs.ts'
import { loadModule } from './module-cache.ts'
import { emptyDirectory } from '../rows/page-writer.ts'
import { SinkRun } from './sink-run.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

/** Merges lists of group rows that nobody has taken, page by page. */
export function* mergeSteps(env: ThreadEnvironment, job: MergeJob): Steps<JobReport> {
  const { table, lists } = job
  const pipeline: Pipeline = {
    ...job.pipeline,
    source: { kind: 'chunks', input: 0, columns: [], stable: true },
    steps: [],
    sink: { kind: 'aggregate', tables: [table] },
  }
  const run = new SinkRun(env, pipeline)
  let report: JobReport | undefined
  try {
    const canonical = canonicalMerge(pipeline, table, env.heap.pages)
    const loaded = loadModule('merge', canonical, compileMerge)
    const instance = run.adopt(instantiate(run, loaded, canonical.side))
    const merge = instance.exports['merge0'] as (...args: number[]) => void
    const writer = present(run.writers[0], 'writer of a merge')
    let last = -1
    for (;;) {
      const next = Atomics.add(env.heap.i32, job.counter >>> 2, 1)
      if (next >= lists.length) break
      // Lists have no group in common: a small table for each stays in the cache.
      if (last >= 0 && table.keys.length > 0) emptyDirectory(run.work, env.kernels, writer)
      for (const { address, rows } of present(lists[next], 'list to merge')) {
        enter(run, instance)
        merge(instance.context, address, rows)
        yield
      }
      last = next
    }
    const sinks = run.sinkReports()
    report = { ...emptyReport, sinks, workBlocks: run.takeWork() }
    return report
  } finally {
    if (report === undefined) run.release()
  }
}
