import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { RowsCall } from '../logical/expression.ts'
import type { QueryLevel, Scope } from './context.ts'

/** The functions that give rows of each query level, in the order in which they are met. */
const callsOf = new WeakMap<QueryLevel, MetCalls>()

interface MetCalls {
  readonly different: RowsCall[]
  /** Those of them that give the same rows wherever they are said, by what they say. */
  readonly byKey: Map<string, RowsCall>
  /** How many there are, those that say the same counted each time. */
  met: number
}

/** Notes a function that gives rows in a select list, and gives the one that stands for it: said again it gives the same rows. */
export function metCall(level: QueryLevel, call: RowsCall, key: string | undefined): RowsCall {
  const calls: MetCalls = callsOf.get(level) ?? { different: [], byKey: new Map(), met: 0 }
  callsOf.set(level, calls)
  calls.met++
  // A key of GROUP BY is known in the select list.
  const same = key === undefined ? undefined : calls.byKey.get(key)
  if (same !== undefined) return same
  calls.different.push(call)
  if (key !== undefined) calls.byKey.set(key, call)
  return call
}

/** Binds what may not give several rows for one. Errors: FEATURE_NOT_SUPPORTED. */
export function withoutRows<T>(scope: Scope, refusal: string, span: Span, bind: () => T): T {
  const before = callsOf.get(scope.level)?.met
  const bound = bind()
  if (callsOf.get(scope.level)?.met === before) return bound
  const isCall = refusal.endsWith('contain')
  const message = isCall
    ? `${refusal} set-returning function calls`
    : `set-returning functions are not allowed in ${refusal}`
  throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span })
}

/** The functions that give rows of a level so far. */
export function rowsCallsOf(level: QueryLevel): readonly RowsCall[] {
  return callsOf.get(level)?.different ?? []
}
