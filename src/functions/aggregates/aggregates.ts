import type { AggregateFunction } from '../function.ts'
import { accumulatedAggregates } from './accumulated.ts'
import { arrayAggregates } from './arrays.ts'
import { bitAggregates } from './bits.ts'
import { composedAggregates } from './composed.ts'
import { jsonAggregates } from './json.ts'
import { momentAggregates } from './moments.ts'
import { orderedSetAggregates } from './ordered-sets.ts'
import { rangeAggregates } from './ranges.ts'
import { regressionAggregates } from './regression.ts'
import { stringAggregates } from './strings.ts'

/** Every aggregate overload of the catalogue. */
export const aggregateFunctions: readonly AggregateFunction[] = [
  ...accumulatedAggregates,
  ...composedAggregates,
  ...regressionAggregates,
  ...stringAggregates,
  ...arrayAggregates,
  ...jsonAggregates,
  ...bitAggregates,
  ...momentAggregates,
  ...rangeAggregates,
  ...orderedSetAggregates,
]
