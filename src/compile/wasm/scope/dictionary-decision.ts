import type { Value } from '../../../functions/inline.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { EmitScope } from './emit-scope.ts'
import { loadCode, loadValidity } from './load-column.ts'
import type { PipelineModule } from './pipeline-module.ts'
import { decidable, type Decidable } from '../../shape/decidable.ts'

/** One whose results lie in a table of bytes. */
export interface Decision extends Decidable {
  /** The context word with the table's address, see the binding `decision`. */
  readonly word: number
}

/** Bits of a decision's byte. */
export const decisionBits = { isTrue: 1, isValid: 2 } as const

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
export function emitDecision(scope: EmitScope, decision: Decision): Value {
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
