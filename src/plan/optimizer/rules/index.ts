import type { Phase } from '../rule.ts'
import { expandAggregates } from './expand-aggregates.ts'
import { mergeProjects } from './merge-projects.ts'
import { orderJoins } from './order-joins.ts'
import { pruneColumns } from './prune-columns.ts'
import { pushFilters } from './push-filters.ts'
import { simplifyExpressions } from './simplify-expressions.ts'
import { topRows } from './top-rows.ts'
import { unnestSubqueries } from './unnest-subqueries.ts'

/** The rules in the order in which they run, with the reason for it. */
export const phases: readonly Phase[] = [
  {
    // Subqueries first: no other rule then needs to know them.
    name: 'unnest',
    passesMax: 1,
    rules: [unnestSubqueries, expandAggregates],
  },
  {
    // Filters must sit on the scans before join order is estimated.
    name: 'simplify',
    passesMax: 8,
    rules: [simplifyExpressions, pushFilters, mergeProjects, pruneColumns],
  },
  {
    name: 'join-order',
    passesMax: 1,
    rules: [orderJoins],
  },
  {
    // New join trees have new places for conjuncts; limits meet their sorts once projections merged.
    name: 'finish',
    passesMax: 4,
    rules: [pushFilters, mergeProjects, pruneColumns, topRows],
  },
]
