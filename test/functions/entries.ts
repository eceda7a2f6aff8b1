import type { DataType } from '../../src/data/types/data-type.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import type {
  AggregateFunction,
  ScalarFunction,
  TableFunction,
} from '../../src/functions/function.ts'
import type { WindowFunction } from '../../src/functions/window-function.ts'
import { call as callOf } from '../../src/plan/logical/build.ts'
import type { Call, Expression } from '../../src/plan/logical/expression.ts'

// Entries by their ids, as `upper(text)`: what tests write plans with.

export function scalarEntry(id: string): ScalarFunction {
  return builtInFunctions.scalar.withId(id)
}

export function aggregateEntry(id: string): AggregateFunction {
  return builtInFunctions.aggregate.withId(id)
}

export function windowEntry(id: string): WindowFunction {
  return builtInFunctions.window.withId(id)
}

export function tableEntry(id: string): TableFunction {
  return builtInFunctions.table.withId(id)
}

export function call(id: string, args: readonly Expression[], type: DataType): Call {
  return callOf(scalarEntry(id), args, type)
}
