import type { KernelJob } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

/** Does one thread's share of a round: cells that nobody else took, morsel by morsel. */
export function* kernelSteps(env: ThreadEnvironment, job: KernelJob): Steps<void> {
  const { kernel, morsels, morselBytes, cellStarts, parameters } = job
  const scratch = job.scratch + env.threadIndex * job.scratchBytes
  const cells = cellStarts.length - 1
  const word = job.counter >>> 2
  for (;;) {
    const cell = Atomics.add(env.heap.i32, word, 1)
    if (cell >= cells) return
    for (let morsel = cellStarts[cell]!; morsel < cellStarts[cell + 1]!; morsel++) {
      env.kernels.call(kernel, morsels + morsel * morselBytes, parameters, scratch)
      yield
    }
  }
}
