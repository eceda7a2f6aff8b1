import { Session, type Profiler } from 'node:inspector/promises'
import {
  moduleCacheStatistics,
  type ModuleCacheStatistics,
} from '#heddle/exec/thread/module-cache.js'
import { connect } from '#heddle/index.js'

const SAMPLING_MICROS = 100

/** Which phase a file's code works for, by the first that its path begins with. */
const phases: readonly (readonly [place: string, phase: string])[] = [
  ['sql/', 'parse'],
  ['plan/binder/', 'bind'],
  ['plan/optimizer/', 'optimize'],
  ['plan/physical/', 'plan'],
  ['exec/cut/', 'cut'],
  ['exec/thread/module-cache', 'load code'],
  ['exec/thread/instances', 'load code'],
  ['compile/', 'code'],
  ['exec/', 'run'],
  ['scheduler/', 'schedule'],
  ['cluster/', 'schedule'],
  ['engine/', 'statement'],
]

/** What the profiler counts that is nobody's work. */
const idle: ReadonlySet<string> = new Set(['(idle)', '(program)', '(root)'])

/**
 * Runs statements under the processor profiler and prints the share of each phase: a sample counts for
 * the innermost phase on its stack, so shared code counts for who called it.
 */
export async function printShares(
  setUp: readonly string[],
  texts: readonly string[],
): Promise<void> {
  if (texts.length === 0) return
  // The build with a file a module, so that functions tell where they are from.
  const db = await connect({ threads: 1 })
  for (const text of setUp) await db.query(text)
  const half = Math.floor(texts.length / 2)
  for (const text of texts.slice(0, half)) await once(text)
  const before = moduleCacheStatistics()
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROS })
  await session.post('Profiler.start')
  for (const text of texts.slice(half)) await once(text)
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  await db.close()
  print(sharesOf(profile), texts.length - half)
  printRuns(before, moduleCacheStatistics())

  async function once(text: string): Promise<void> {
    // Statements that are refused have a way too.
    await db.query(text).then(
      (result) => result.release(),
      () => undefined,
    )
  }
}

/** Microseconds by phase. */
function sharesOf({ nodes, samples, timeDeltas }: Profiler.Profile): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(
    nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id])),
  )
  const phaseOfNode = new Map<number, string>()
  const phaseOf = (id: number): string => {
    const known = phaseOfNode.get(id)
    if (known !== undefined) return known
    const { functionName, url } = byId.get(id)!.callFrame
    const parent = parents.get(id)
    const phase = ownPhase(functionName, url) ?? (parent === undefined ? 'other' : phaseOf(parent))
    phaseOfNode.set(id, phase)
    return phase
  }
  const shares = new Map<string, number>()
  for (const [at, id] of (samples ?? []).entries()) {
    const phase = phaseOf(id)
    shares.set(phase, (shares.get(phase) ?? 0) + (timeDeltas?.[at] ?? 0))
  }
  return shares
}

function ownPhase(functionName: string, url: string): string | undefined {
  if (idle.has(functionName)) return 'idle'
  if (functionName === '(garbage collector)') return 'garbage'
  const [, place] = /\/dist\/(.*)$/.exec(url) ?? []
  if (place === undefined) return undefined
  return phases.find(([start]) => place.startsWith(start))?.[1]
}

function printRuns(before: ModuleCacheStatistics, after: ModuleCacheStatistics): void {
  const grown = (of: keyof ModuleCacheStatistics): number => after[of] - before[of]
  const [interpreted, loaded] = [grown('interpretedRuns'), grown('loadedRuns')]
  const modules = `${grown('misses')} modules made, ${grown('loadings')} loaded by the engine`
  // Statements of few rows have none.
  console.log(`${interpreted + loaded} pipelines, ${interpreted} of them interpreted; ${modules}`)
}

function print(shares: Map<string, number>, statements: number): void {
  shares.delete('idle')
  const all = [...shares.values()].reduce((sum, micros) => sum + micros, 0)
  console.log(`where the time of ${statements} statements goes`)
  for (const [phase, micros] of [...shares].toSorted(([, a], [, b]) => b - a)) {
    const share = `${((100 * micros) / all).toFixed(1)} %`.padStart(7)
    console.log(`${share}  ${(micros / statements).toFixed(0).padStart(5)} us  ${phase}`)
  }
}
