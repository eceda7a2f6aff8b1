import type { Span } from '../../../base/span.ts'
import type { RoutineEntry } from '../../catalog/routine.ts'
import type { Expression } from '../../logical/expression.ts'

/** What names and numbers of arguments mean in the body of a function. */
export interface RoutineScope {
  readonly entry: RoutineEntry
  /** The function in whose body this one is called. */
  readonly outer: RoutineScope | undefined
  /** The value of an argument, by its position among those that calls give. */
  read(index: number, span: Span): Expression
}
