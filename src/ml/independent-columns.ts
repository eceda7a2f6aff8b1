import type { TrainingBlocks } from './training-blocks.ts'

/**
 * Columns that are far from depending on each other, and how they came from the ones that were given:
 * `given * change[column] = column`, where the columns in blocks were changed in place.
 */
export interface IndependentColumns {
  /** Which columns of the blocks span all of them; of the others nothing is left. */
  readonly independent: readonly number[]
  /** Columns of which nothing is left: how often each given one adds up to nothing. */
  readonly vanished: readonly number[]
  /** By column of the blocks, how often it has each given one. */
  readonly change: readonly (readonly number[])[]
  /** Sums of products of the columns as they are now (the upper triangle counts). */
  readonly product: (i: number, j: number) => number
}

/**
 * Where so small a share of a column's square is not told by others, products of columns do not tell it
 * well: it is computed from the rows. Sums of products are exact to about 1e-14 of themselves.
 */
const SHARE_MIN = 1e-6
/** Each stage takes what is left below a thousandth, or ends; of fewer digits there are no more. */
const STAGES_MAX = 8

/** What rounding leaves of a column that depends on others, as a share of its size. */
export function roundingShare(rows: number, columns: number): number {
  return Number.EPSILON * Math.max(rows, columns, 100)
}

/**
 * Makes the first `count` columns after the ones independent, by block Gram-Schmidt in stages: of the
 * columns, those that a Cholesky factorization with pivoting of their products finds independent are
 * kept, and from the others what they tell is taken off, row by row, in place. What then is as small
 * as rounding depends on the others; the rest goes through the next stage, where its products have all
 * their digits again (Stewart, Matrix Algorithms I, section 4.1.4; Fukaya et al., Shifted Cholesky QR,
 * 2020, of the same stages). Unlike products alone, which show nothing below 1e-8 of a column, this
 * tells columns apart to the last digits, as a singular value decomposition of the rows does.
 */
export async function independentColumns(
  blocks: TrainingBlocks,
  count: number,
): Promise<IndependentColumns> {
  const size = blocks.columns
  const least = roundingShare(blocks.rows, count)
  const change = Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (__, j) => (i === j ? 1 : 0)),
  )
  let lengths: readonly number[] | undefined
  for (let stage = 0; ; stage++) {
    const sums = await blocks.round('trainingProducts', size, {}, size * size)
    // The ones are the first column.
    const product = (i: number, j: number): number =>
      sums[(Math.min(i, j) + 1) * size + Math.max(i, j) + 1]!
    const now = change.map((_, i) => Math.sqrt(product(i, i)))
    lengths ??= now
    const live = change.map((_, i) => i).filter((i) => now[i]! > least * lengths![i]!)
    const { kept, rest, factors } = pivoted(live, now, product)
    if (rest.length === 0 || stage === STAGES_MAX) {
      const vanished = change.map((_, i) => i).filter((i) => lengths![i]! > 0 && !kept.includes(i))
      return { independent: kept, vanished, change, product }
    }
    const values = new Float64Array(size * size)
    rest.forEach((target, at) =>
      kept.forEach((column, i) => {
        const factor = -factors[at]![i]!
        values[(target + 1) * size + column + 1] = factor
        change[column]!.forEach((times, given) => (change[target]![given]! += factor * times))
      }),
    )
    await blocks.round('trainingCombine', size, { values }, 1)
  }
}

interface Pivoted {
  readonly kept: readonly number[]
  readonly rest: readonly number[]
  /** How often each of the rest has each that is kept. */
  readonly factors: readonly (readonly number[])[]
}

/** Cholesky's factorization with complete pivoting of the columns' correlations, until one is small. */
function pivoted(
  live: readonly number[],
  lengths: readonly number[],
  product: (i: number, j: number) => number,
): Pivoted {
  const left = [...live]
  const kept: number[] = []
  /** By step, the row of the factor; by column of the blocks. */
  const rows: Map<number, number>[] = []
  const shares = new Map(live.map((i) => [i, 1]))
  while (left.length > 0) {
    const next = left.reduce((best, i) => (shares.get(i)! > shares.get(best)! ? i : best))
    const share = shares.get(next)!
    if (!(share > SHARE_MIN)) break
    left.splice(left.indexOf(next), 1)
    const root = Math.sqrt(share)
    const row = new Map([[next, root]])
    for (const i of left) {
      let sum = product(next, i) / lengths[next]! / lengths[i]!
      for (const before of rows) sum -= before.get(next)! * before.get(i)!
      row.set(i, sum / root)
      shares.set(i, shares.get(i)! - (sum / root) ** 2)
    }
    rows.push(row)
    kept.push(next)
  }
  const factors = left.map((target) => {
    const solved = rows.map((row) => row.get(target)!)
    for (let i = kept.length - 1; i >= 0; i--) {
      for (let k = i + 1; k < kept.length; k++) solved[i]! -= rows[i]!.get(kept[k]!)! * solved[k]!
      solved[i]! /= rows[i]!.get(kept[i]!)!
    }
    return solved.map((value, i) => (value * lengths[target]!) / lengths[kept[i]!]!)
  })
  return { kept, rest: left, factors }
}
