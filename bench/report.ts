import { geometricMean, median, quantile, summarize, type Timing } from './measure.ts'

/** Slower by less than this cannot be told from noise. */
const SLOWER_RATIO_MIN = 1.03

/** One line of a report: a case at a number of threads, timed in one process. */
export interface Line {
  readonly name: string
  readonly threads: number
  readonly ours: Timing
  readonly theirs: Timing
}

/**
 * Prints the report on another build, whose lines come from processes that loaded the two in different
 * orders; the exit status says whether this one is slower in any case.
 */
export function reportAgainst(name: string, processes: readonly (readonly Line[])[]): void {
  const cases = (processes[0] ?? []).map((_, at) => processes.flatMap((lines) => lines[at] ?? []))
  printReport(cases.map(pooled), 'heddle', name)
  let slower = 0
  for (const lines of cases) {
    const { median, low, high } = meanInterval(lines.map(ratioInterval))
    const isSlower = median > SLOWER_RATIO_MIN && low > 1
    if (isSlower) slower++
    const { name: title, threads } = lines[0]!
    const figures = `${median.toFixed(3)} (95 %: ${low.toFixed(3)} to ${high.toFixed(3)})`
    console.log(`${title} t${threads}: ${figures}${isSlower ? ' SLOWER' : ''}`)
  }
  console.log(`${cases.length - slower} not slower, ${slower} slower`)
  if (slower > 0) process.exitCode = 1
}

/** A case's rounds in all processes as one line. */
function pooled(lines: readonly Line[]): Line {
  const all = (of: 'ours' | 'theirs'): Timing => ({
    ...summarize(lines.flatMap((line) => line[of].samplesMs)),
    cpuMs: median(lines.map((line) => line[of].cpuMs)),
  })
  return { ...lines[0]!, ours: all('ours'), theirs: all('theirs') }
}

/** What a ratio is, and where it surely lies. */
interface Interval {
  readonly median: number
  readonly low: number
  readonly high: number
}

/**
 * The geometric mean over processes, in which what comes of the order of loading cancels out. The
 * interval's ends are the means of the ends: wider than it need be, as the processes are independent.
 */
function meanInterval(intervals: readonly Interval[]): Interval {
  return {
    median: geometricMean(intervals.map(({ median }) => median)),
    low: geometricMean(intervals.map(({ low }) => low)),
    high: geometricMean(intervals.map(({ high }) => high)),
  }
}

/**
 * The median of the rounds' ratios with its 95 % confidence interval from order statistics: the
 * number of ratios below the true median is binomial with p = 1/2, here by its normal approximation
 * (W. J. Conover, Practical Nonparametric Statistics, section 3.2).
 */
function ratioInterval({ ours, theirs }: Line): Interval {
  const ratios = ours.samplesMs
    .map((time, round) => time / (theirs.samplesMs[round] ?? NaN))
    .toSorted((a, b) => a - b)
  const n = ratios.length
  const reach = 0.98 * Math.sqrt(n)
  const low = ratios[Math.max(0, Math.floor(n / 2 - reach))] ?? NaN
  const high = ratios[Math.min(n - 1, Math.ceil(n / 2 + reach) - 1)] ?? NaN
  return { median: quantile(ratios, 0.5), low, high }
}

/** Prints medians, minima, third quartiles and ratios (ours over theirs), then the geometric mean a thread count. */
export function printReport(lines: readonly Line[], ours: string, theirs: string): void {
  const rows = lines.map((line) => [
    line.name,
    String(line.threads),
    line.ours.medianMs.toFixed(2),
    spread(line.ours),
    line.theirs.medianMs.toFixed(2),
    spread(line.theirs),
    ratio(line).toFixed(3),
    cpuRatioText(line),
  ])
  const header = [
    'case',
    'threads',
    `${ours} median ms`,
    'min to 3/4',
    `${theirs} median ms`,
    'min to 3/4',
    'ratio',
    'cpu ratio',
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
  const worst = printSlow(lines)
  console.log(`geomean ratio ${means.join(' ')}${worst}${cpuMeanText(lines)}`)
}

/** From so many times the peer's time on a case is called slow. */
const SLOW_RATIO_MIN = 3

/** A line as a short text. */
export function titled(line: Line): string {
  const cpu = cpuRatioText(line)
  return `${line.name} t${line.threads}: ${ratio(line).toFixed(2)}${cpu && ` (cpu ${cpu})`}`
}

/** Names what is slow; the worst of all as a part of the last line. */
function printSlow(lines: readonly Line[]): string {
  const worstFirst = lines.toSorted((a, b) => ratio(b) - ratio(a))
  const [worst] = worstFirst
  const slow = worstFirst.filter((line) => ratio(line) >= SLOW_RATIO_MIN)
  console.log(`${slow.length} slower than ${SLOW_RATIO_MIN} times`)
  for (const line of slow) console.log(`  ${titled(line)}`)
  return worst === undefined
    ? ''
    : ` worst=${ratio(worst).toFixed(3)} (${worst.name} t${worst.threads})`
}

/** From the quickest run to what three of four stay below. */
function spread({ minMs, samplesMs }: Timing): string {
  const sorted = samplesMs.toSorted((a, b) => a - b)
  return `${minMs.toFixed(2)} to ${quantile(sorted, 0.75).toFixed(2)}`
}

/** Of the processor time, which other work on the machine disturbs least; empty where it isn't known. */
function cpuRatioText(line: Line): string {
  const of = cpuRatio(line)
  return Number.isFinite(of) ? of.toFixed(3) : ''
}

function cpuMeanText(lines: readonly Line[]): string {
  const known = lines.map(cpuRatio).filter((of) => Number.isFinite(of) && of > 0)
  return known.length === 0 ? '' : `, of processor time ${geometricMean(known).toFixed(3)}`
}

/** Our median processor time over theirs, or NaN. */
function cpuRatio(line: Line): number {
  return line.ours.cpuMs / line.theirs.cpuMs
}

/** Our median time over theirs. */
export function ratio(line: Line): number {
  return line.ours.medianMs / line.theirs.medianMs
}
