import { scalarFunction } from '../../../functions/catalogue.ts'
import type { Value } from '../../../functions/inline.ts'
import type { ColumnId, Expression } from '../../../plan/logical/expression.ts'
import { expressionChildrenOf } from '../../../plan/logical/walk.ts'
import { dictionaryPredicate } from '../../expressions/call-out.ts'
import { canRaise } from '../../expressions/expression-traits.ts'
import type { FunctionScope } from './function-scope.ts'
import { loadCode, loadValidity } from './load-column.ts'
import type { PipelineModule } from './pipeline-module.ts'
import type { ColumnPlace, PipelineView } from '../../shape/row-sources.ts'

/** A condition that can be decided for each entry of a column's dictionary, before rows are looked at. */
export interface Decidable {
  readonly place: ColumnPlace
  readonly layout: 'dict8' | 'dict16' | 'dict32'
  readonly nullable: boolean
  /** Whether the result may be NULL for a text that is not. */
  readonly mayBeUnknown: boolean
  /** Whether the entries' bytes fit one 128-bit register. */
  readonly isShort: boolean
}

/** One whose results lie in a table of bytes. */
export interface Decision extends Decidable {
  /** The context word with the table's address, see the binding `decision`. */
  readonly word: number
}

/** Bits of a decision's byte. */
export const decisionBits = { isTrue: 1, isValid: 2 } as const

/**
 * How a condition is decided ahead: it reads one text column of the driving chunk, which is
 * dictionary-encoded, and raises no errors, as entries that no row has are looked at too.
 */
export function decidable(view: PipelineView, expr: Expression): Decidable | undefined {
  if (expr.type.kind !== 'bool' || expr.kind === 'literal' || expr.kind === 'column')
    return undefined
  if (!hasEntries(view)) return undefined
  const predicate = dictionaryPredicate(expr)
  if (predicate === undefined) return undefined
  const place = view.places.get(renamed(view, predicate.column))
  const source = place === undefined ? undefined : view.sources[place.source]
  if (place?.source !== 0 || source?.kind !== 'chunk') return undefined
  const column = source.columns[place.index]
  if (column?.entries === undefined || canRaise(expr)) return undefined
  const { layout, nullable } = column
  if (layout !== 'dict8' && layout !== 'dict16' && layout !== 'dict32') return undefined
  return {
    place,
    layout,
    nullable,
    mayBeUnknown: mayBeUnknown(expr),
    isShort: layout === 'dict8' && column.entries === 'few',
  }
}

/** The table of a condition that is decided ahead. */
export function decisionOf(module: PipelineModule, expr: Expression): Decision | undefined {
  const decided = decidable(module, expr)
  if (decided === undefined) return undefined
  const known = module.decisions.indexOf(expr)
  const decision = known >= 0 ? known : module.decisions.push(expr) - 1
  const column = decided.place.index
  const word = module.context.word({ kind: 'decision', source: 0, column, decision })
  return { ...decided, word }
}

/** Emits the look-up for the current row. */
export function emitDecision(scope: FunctionScope, decision: Decision): Value {
  const { f } = scope
  const { place, layout, nullable, mayBeUnknown } = decision
  const table = scope.word(decision.word)
  const code = loadCode(scope, place, layout)
  const byte = f.local('i32')
  f.get(table)
  if (nullable) {
    f.get(code).i32(1).op('i32.add').i32(0)
    f.get(loadValidity(scope, place)).op('select').op('i32.add').memory('i32.load8_u').set(byte)
  } else f.get(code).op('i32.add').memory('i32.load8_u', 1).set(byte)
  f.release(code)
  const lane = f.local('i32')
  f.get(byte).i32(decisionBits.isTrue).op('i32.and').set(lane)
  const value = { type: { kind: 'bool' }, lanes: [lane], range: undefined } as const
  if (!nullable && !mayBeUnknown) return { ...value, valid: undefined }
  f.get(byte).i32(1).op('i32.shr_u').set(byte)
  return { ...value, valid: byte }
}

/** Whether the driving chunk has a dictionary worth looking at. */
function hasEntries({ sources: [driver] }: PipelineView): boolean {
  return driver?.kind === 'chunk' && driver.columns.some(({ entries }) => entries !== undefined)
}

/** The physical column behind projections that only rename. */
function renamed(view: PipelineView, column: ColumnId): ColumnId {
  let id = column
  for (;;) {
    const definition = view.pipeline.definitions.get(id)
    if (definition?.kind !== 'column') return id
    id = definition.id
  }
}

/** Whether an expression may be NULL although no column in it is. */
function mayBeUnknown(expr: Expression): boolean {
  switch (expr.kind) {
    case 'column':
    case 'parameter':
      return false
    case 'literal':
      return expr.value === null
    case 'call':
      if (scalarFunction(expr.fn).nulls === 'called') return true
      break
    case 'in-set':
      if (expr.hasNull) return true
      break
    case 'and':
    case 'or':
    case 'in-list':
      break
    default:
      return true
  }
  return expressionChildrenOf(expr).some(mayBeUnknown)
}
