import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { resolveColumn } from '../../shape/dense-keys.ts'
import { loadCode, loadValidity } from '../scope/load-column.ts'
import type { PipelineModule } from '../scope/pipeline-module.ts'
import type { ColumnPlace } from '../../model/lane-test.ts'
import type { ProbeStep } from '../../model/pipeline.ts'
import type { LegContext } from '../scope/leg-loop.ts'

/** What a memo holds for a text that has no row in the join table. */
export const NO_MATCH = 1

/**
 * Where the first build row of each dictionary entry is remembered: a u32 an entry, 0 as long as nobody
 * has looked it up.
 */
export interface ProbeMemo {
  readonly place: ColumnPlace
  readonly layout: 'dict8' | 'dict16' | 'dict32'
  readonly nullable: boolean
  /** The context word with the memo's address. */
  readonly word: number
}

/** The memo of a join over one text key that the driving chunk keeps as codes. */
export function probeMemo(module: PipelineModule, step: ProbeStep): ProbeMemo | undefined {
  const [key] = step.keys
  if (key === undefined || step.keys.length > 1 || step.table.nullSafe[0] === true) return undefined
  const expr = resolveColumn(module.pipeline, key)
  const place = expr.kind === 'column' ? module.places.get(expr.id) : undefined
  const source = place === undefined ? undefined : module.sources[place.source]
  if (place?.source !== 0 || source?.kind !== 'chunk') return undefined
  const column = source.columns[place.index]
  if (column?.entries === undefined) return undefined
  const { layout, nullable } = column
  if (layout !== 'dict8' && layout !== 'dict16' && layout !== 'dict32') return undefined
  const { breaker } = step
  const word = module.context.word({ kind: 'memo', source: 0, column: place.index, breaker })
  return { place, layout, nullable, word }
}

/**
 * The address of the first build row with the current row's key, or {@link NO_MATCH}. `lookUp` emits the
 * search for an entry that is met for the first time.
 */
export function emitMemo(leg: LegContext, memo: ProbeMemo, lookUp: () => Local): Local {
  const { f, scope } = leg
  const { place, layout, nullable } = memo
  const [slot, entry] = [f.local('i32'), f.local('i32')]
  const code = loadCode(scope, place, layout)
  const valid = nullable ? loadValidity(scope, place) : undefined
  f.get(scope.word(memo.word)).get(code).i32(2).op('i32.shl').op('i32.add').tee(slot)
  f.memory('i32.load').set(entry)
  f.get(entry).op('i32.eqz')
  if (valid !== undefined) f.get(valid).op('i32.and')
  f.if()
  scope.branch(() => {
    const found = lookUp()
    f.get(found).i32(NO_MATCH).get(found).op('select').set(entry)
    f.get(slot).get(entry).memory('i32.store')
  })
  f.end()
  if (valid !== undefined) f.get(entry).i32(NO_MATCH).get(valid).op('select').set(entry)
  f.release(slot)
  f.release(code)
  return entry
}
