import { noRows } from '../../logical/build.ts'
import { simplify } from '../../logical/simplify.ts'
import { mapExpressions } from '../../logical/walk.ts'
import type { Rule } from '../rule.ts'

/**
 * Constants folded, comparisons brought down to their columns' types. `Filter(TRUE, X) = X`;
 * `Filter(FALSE or NULL, X)` has no rows.
 */
export const simplifyExpressions: Rule = {
  name: 'simplify-expressions',
  order: 'bottom-up',
  reads: 'expressions',
  rewrite(relation, { folding }) {
    const simpler = mapExpressions(relation, (expr) => simplify(expr, folding))
    if (simpler.kind !== 'filter' || simpler.predicate.kind !== 'literal') {
      return simpler === relation ? undefined : simpler
    }
    return simpler.predicate.value === true ? simpler.input : noRows(simpler.columns)
  },
}
