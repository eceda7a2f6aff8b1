import { present } from '../base/assert.ts'
import type { LinkJob } from './jobs.ts'
import type { Steps } from './steps.ts'
import type { ThreadEnvironment } from './thread.ts'

/** The hash values are shared out by their upper 8 bits. */
const LINK_PARTS = 256

/** Does one thread's share of a step of linking join rows, page by page. */
export function* linkSteps(env: ThreadEnvironment, job: LinkJob): Steps<void> {
  const { state, threads, rank, step, rowBytes } = job
  const parts = step === 'hash' ? LINK_PARTS : present(rank, 'rank index to build').words
  const from = Math.floor((parts * env.threadIndex) / threads)
  const to = Math.floor((parts * (env.threadIndex + 1)) / threads)
  const { call } = env.kernels
  for (const { address, rows } of job.pages) {
    if (rank === undefined) {
      const { directory, shift, bloom, bloomShift } = state
      call('joinLink', directory, shift, bloom, bloomShift, address, rows, rowBytes, from, to)
    } else {
      const key = [rowBytes, rank.offset, rank.isWide ? 1 : 0, from, to] as const
      const { rankWords, rankRows } = state
      if (step === 'mark-ranks') call('rankMark', rankWords, rank.min, address, rows, ...key)
      else call('rankLink', rankWords, rankRows, rank.min, address, rows, ...key)
    }
    yield
  }
}
