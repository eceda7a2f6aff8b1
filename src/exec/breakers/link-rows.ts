import { present } from '../../base/assert.ts'
import type { Address } from '../../data/vectors/vector.ts'
import type { JoinState, LinkJob, Page, RankShape } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

/** The hash values are shared out by their upper 8 bits. */
const LINK_PARTS = 256
const RANK_WORD_BYTES = 16
/** Memory that is touched for the first time costs more than writing to it. */
const FILLED_BYTES_A_STEP = 1_048_576
const WORDS_A_STEP = 262_144

/** What one thread does of a step of linking: the parts of the table that are its own. */
interface Range {
  readonly from: number
  readonly to: number
}

/** Does one thread's share of a step of linking join rows, page by page. */
export function linkSteps(env: ThreadEnvironment, job: LinkJob): Steps<void> {
  const { state, threads, step } = job
  if (step === 'hash') return hashSteps(env, job, shareOf(LINK_PARTS, env.threadIndex, threads))
  const rank = present(job.rank, 'rank index to build')
  const own = shareOf(rank.words, env.threadIndex, threads)
  if (step === 'mark-ranks') return markSteps(env, job, rank, own)
  if (step === 'count-ranks') return countSteps(env, state, rank)
  if (step === 'place-ranks') return placeSteps(env, job, rank, own)
  return rankSteps(env, job, rank, own)
}

function shareOf(parts: number, index: number, threads: number): Range {
  return {
    from: Math.floor((parts * index) / threads),
    to: Math.floor((parts * (index + 1)) / threads),
  }
}

function* hashSteps(env: ThreadEnvironment, job: LinkJob, own: Range): Steps<void> {
  const { directory, shift, bloom, bloomShift } = job.state
  const partBytes = (2 ** (32 - shift) / LINK_PARTS) * 4
  yield* clearSteps(env, directory + own.from * partBytes, directory + own.to * partBytes)
  const bloomBytes = (2 ** (32 - bloomShift) / LINK_PARTS) * 8
  yield* clearSteps(env, bloom + own.from * bloomBytes, bloom + own.to * bloomBytes)
  const table = [directory, shift, bloom, bloomShift] as const
  yield* pageSteps(job.pages, (address, rows) => {
    env.kernels.call('joinLink', ...table, address, rows, job.rowBytes, own.from, own.to)
  })
}

function* markSteps(
  env: ThreadEnvironment,
  { state, pages, rowBytes }: LinkJob,
  rank: RankShape,
  own: Range,
): Steps<void> {
  const { rankWords } = state
  const begin = rankWords + own.from * RANK_WORD_BYTES
  yield* clearSteps(env, begin, rankWords + own.to * RANK_WORD_BYTES)
  const key = [rowBytes, rank.offset, rank.isWide ? 1 : 0, own.from, own.to] as const
  yield* pageSteps(pages, (address, rows) => {
    env.kernels.call('rankMark', rankWords, rank.min, address, rows, ...key)
  })
}

/** Writes to each word how many keys are before it. */
function* countSteps(env: ThreadEnvironment, state: JoinState, rank: RankShape): Steps<void> {
  let keys = 0
  for (let from = 0; from < rank.words; from += WORDS_A_STEP) {
    const words = Math.min(WORDS_A_STEP, rank.words - from)
    keys = env.kernels.call('rankCount', state.rankWords + from * 16, words, keys)
    yield
  }
  env.heap.u32[rank.keys >>> 2] = keys
}

function* rankSteps(
  env: ThreadEnvironment,
  { state, pages, rowBytes }: LinkJob,
  rank: RankShape,
  own: Range,
): Steps<void> {
  const { rankWords, rankRows } = state
  const { u32 } = env.heap
  const keysBefore = (word: number): number =>
    u32[(word === rank.words ? rank.keys : rankWords + word * RANK_WORD_BYTES + 8) >>> 2] ?? 0
  yield* clearSteps(env, rankRows + keysBefore(own.from) * 4, rankRows + keysBefore(own.to) * 4)
  const key = [rowBytes, rank.offset, rank.isWide ? 1 : 0, own.from, own.to] as const
  yield* pageSteps(pages, (address, rows) => {
    env.kernels.call('rankLink', rankWords, rankRows, rank.min, address, rows, ...key)
  })
}

/** Packs what the rows carry, in the order of their keys. */
function* placeSteps(
  env: ThreadEnvironment,
  { state, pages, rowBytes }: LinkJob,
  rank: RankShape,
  own: Range,
): Steps<void> {
  const { offset, bytes } = present(rank.carried, 'bytes to place')
  if (bytes === 0) return
  const tables = [state.rankWords, state.rankRows + offset, rank.min] as const
  const key = [rowBytes, rank.offset, rank.isWide ? 1 : 0, own.from, own.to] as const
  yield* pageSteps(pages, (address, rows) => {
    env.kernels.call('rankPlace', ...tables, address, rows, ...key, offset, bytes)
  })
}

function* pageSteps(
  pages: readonly Page[],
  link: (address: Address, rows: number) => void,
): Steps<void> {
  for (const { address, rows } of pages) {
    link(address, rows)
    yield
  }
}

function* clearSteps({ kernels }: ThreadEnvironment, begin: number, end: number): Steps<void> {
  for (let at = begin; at < end; at += FILLED_BYTES_A_STEP) {
    kernels.call('fill', at, 0, Math.min(FILLED_BYTES_A_STEP, end - at))
    yield
  }
}
