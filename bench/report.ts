import { geometricMean, type Timing } from './measure.ts'

/** One line of a report: a case at a number of threads. */
export interface Line {
  readonly name: string
  readonly threads: number
  readonly ours: Timing
  readonly theirs: Timing
}

/** Prints medians, minima and ratios (ours over theirs), then the geometric mean a thread count. */
export function printReport(lines: readonly Line[], ours: string, theirs: string): void {
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
