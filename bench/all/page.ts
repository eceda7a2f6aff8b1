import { geometricMean } from '../measure.ts'
import { ratio, titled, type Line } from '../report.ts'
import type { Report, SuiteReport } from './run.ts'

/** The ratios that the axis reaches from and to; what lies beyond is drawn at its end. */
const RATIO_MIN = 0.02
const RATIO_MAX = 8
const WIDTH = 900
const LANE_HEIGHT = 34
const MARGIN = 20
const ticks = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8]
const colours = ['#1f6f8b', '#c8553d', '#6a994e', '#7b5ea7']
/** Of a suite's cases these are named. */
const NAMED_MAX = 5

/** A page without scripts: of each suite the ratio of each case on a logarithmic axis, and the slowest cases. */
export function reportPage(report: Report): string {
  const { commit, node, processor, cores, date, suites } = report
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Heddle and DuckDB</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: ${WIDTH + 2 * MARGIN}px; margin: 2em auto; color: #222 }
h2 { margin: 1.6em 0 0.2em; font-size: 1.1em }
p { margin: 0.2em 0 } svg { display: block } .late { color: #b00020 } small { color: #666 }
</style></head><body>
<h1>Heddle and DuckDB</h1>
<p>Time of Heddle over time of DuckDB in one process, in turn, medians; answers compared. A dot is a case, left of 1 Heddle
is faster. Commit ${escaped(commit)}, Node ${escaped(node)}, ${escaped(processor)} with ${cores} cores, ${escaped(date)}.</p>
${suites.map(section).join('\n')}
</body></html>
`
}

function section(suite: SuiteReport): string {
  const { title, args, lines, geomeanMax, worstMax, seconds } = suite
  const command = `<small>npm run bench -- ${escaped(args.join(' '))}, ${seconds.toFixed(0)} s</small>`
  if (lines === undefined)
    return `<h2>${escaped(title)}</h2><p class="late">ended in an error</p>${command}`
  const threads = [...new Set(lines.map((line) => line.threads))]
  const means = threads.map((count) => {
    const mean = geometricMean(lines.filter((line) => line.threads === count).map(ratio))
    const isLate = geomeanMax !== undefined && mean > geomeanMax
    return `<span${isLate ? ' class="late"' : ''}>${mean.toFixed(2)}</span> with ${count} thread${count === 1 ? '' : 's'}`
  })
  const worst = lines.toSorted((a, b) => ratio(b) - ratio(a)).slice(0, NAMED_MAX)
  const named = worst.map((line) => {
    const isLate = worstMax !== undefined && ratio(line) > worstMax
    return `<span${isLate ? ' class="late"' : ''}>${escaped(titled(line))}</span>`
  })
  const target =
    geomeanMax === undefined ? '' : ` (wanted ${geomeanMax}, no case above ${worstMax ?? 'any'})`
  return `<h2>${escaped(title)}</h2>
<p>Geometric mean ${means.join(', ')}${target}. ${command}</p>
${plot(lines, threads, worstMax)}
<p><small>Slowest: ${named.join('; ')}</small></p>`
}

function plot(
  lines: readonly Line[],
  threads: readonly number[],
  worstMax: number | undefined,
): string {
  const height = threads.length * LANE_HEIGHT + 24
  const grid = ticks.map((at) => {
    const x = across(at).toFixed(1)
    const colour = at === 1 ? '#444' : '#ddd'
    return `<line x1="${x}" x2="${x}" y1="0" y2="${height - 20}" stroke="${colour}"/><text x="${x}" y="${height - 5}" font-size="11" text-anchor="middle" fill="#666">${at}</text>`
  })
  const limit =
    worstMax === undefined
      ? ''
      : `<line x1="${across(worstMax)}" x2="${across(worstMax)}" y1="0" y2="${height - 20}" stroke="#b00020" stroke-dasharray="3 3"/>`
  const dots = threads.flatMap((count, lane) =>
    lines
      .filter((line) => line.threads === count)
      .map((line, at) => {
        const y = lane * LANE_HEIGHT + 6 + ((at * 7) % (LANE_HEIGHT - 12))
        const colour = colours[lane % colours.length] ?? '#000'
        return `<circle cx="${across(ratio(line)).toFixed(1)}" cy="${y}" r="3.5" fill="${colour}" fill-opacity="0.65"><title>${escaped(titled(line))}</title></circle>`
      }),
  )
  return `<svg viewBox="0 0 ${WIDTH + 2 * MARGIN} ${height}" role="img">${grid.join('')}${limit}${dots.join('')}</svg>`
}

/** Where a ratio lies on the axis. */
function across(of: number): number {
  const within = Math.min(RATIO_MAX, Math.max(RATIO_MIN, of))
  return MARGIN + (WIDTH * Math.log(within / RATIO_MIN)) / Math.log(RATIO_MAX / RATIO_MIN)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? '')
}
