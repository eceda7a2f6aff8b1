import type { ScalarFunction } from '../function.ts'
import { assignedParts } from './assigned-parts.ts'
import { changes } from './changes.ts'
import { constructors } from './construct.ts'
import { lengths } from './lengths.ts'
import { quantified } from './quantified.ts'
import { searches } from './searches.ts'
import { shapes } from './shapes.ts'
import { subscripts } from './subscripts.ts'
import { texts } from './texts.ts'

export const arrayFunctions: readonly ScalarFunction[] = [
  ...constructors,
  ...shapes,
  ...changes,
  ...searches,
  ...texts,
  ...subscripts,
  ...assignedParts,
  ...lengths,
  ...quantified,
]
