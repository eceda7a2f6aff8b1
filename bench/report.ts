import type { Build } from './builds.ts'
import { geometricMean, quantile, type Timing } from './measure.ts'

/** Slower by less than this cannot be told from noise. */
const SLOWER_RATIO_MIN = 1.03

/** One line of a report: a case at a number of threads. */
export interface Line {
  readonly name: string
  readonly threads: number
  readonly ours: Timing
  readonly theirs: Timing
}

/** Prints a suite's report; against another build the process's exit status says whether it is slower. */
export function report(lines: readonly Line[], against: Build | undefined): void {
  printReport(lines, 'heddle', against?.name ?? 'duckdb')
  if (against === undefined) return
  const slower = lines.filter(isSlower)
  for (const line of lines) {
    const { median, low, high } = ratioInterval(line)
    const figures = `${median.toFixed(3)} (95 %: ${low.toFixed(3)} to ${high.toFixed(3)})`
    console.log(`${line.name} t${line.threads}: ${figures}${isSlower(line) ? ' SLOWER' : ''}`)
  }
  console.log(`${lines.length - slower.length} not slower, ${slower.length} slower`)
  if (slower.length > 0) process.exitCode = 1
}

function isSlower(line: Line): boolean {
  const { median, low } = ratioInterval(line)
  return median > SLOWER_RATIO_MIN && low > 1
}

/**
 * The median of the rounds' ratios with its 95 % confidence interval from order statistics: the
 * number of ratios below the true median is binomial with p = 1/2, here by its normal approximation
 * (W. J. Conover, Practical Nonparametric Statistics, section 3.2).
 */
export function ratioInterval({ ours, theirs }: Line): {
  readonly median: number
  readonly low: number
  readonly high: number
} {
  const ratios = ours.samplesMs
    .map((time, round) => time / (theirs.samplesMs[round] ?? NaN))
    .toSorted((a, b) => a - b)
  const n = ratios.length
  const reach = 0.98 * Math.sqrt(n)
  const low = ratios[Math.max(0, Math.floor(n / 2 - reach))] ?? NaN
  const high = ratios[Math.min(n - 1, Math.ceil(n / 2 + reach) - 1)] ?? NaN
  return { median: quantile(ratios, 0.5), low, high }
}

/** Prints medians, minima and ratios (ours over theirs), then the geometric mean a thread count. */
function printReport(lines: readonly Line[], ours: string, theirs: string): void {
  const rows = lines.map((line) => [
    line.name,
    String(line.threads),
    line.ours.medianMs.toFixed(2),
    line.ours.minMs.toFixed(2),
    line.theirs.medianMs.toFixed(2),
    line.theirs.minMs.toFixed(2),
    ratio(line).toFixed(3),
  ])
  const header = [
    'case',
    'threads',
    `${ours} median ms`,
    'min',
    `${theirs} median ms`,
    'min',
    'ratio',
  ]
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  for (const row of [header, ...rows]) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
  }
  const threads = [...new Set(lines.map((line) => line.threads))]
  const means = threads.map((count) => {
    const ratios = lines.filter((line) => line.threads === count).map(ratio)
    return `t${count}=${geometricMean(ratios).toFixed(3)}`
  })
  console.log(`geomean ratio ${means.join(' ')}`)
}

function ratio(line: Line): number {
  return line.ours.medianMs / line.theirs.medianMs
}
