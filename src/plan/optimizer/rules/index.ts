import type { Phase } from '../rule.ts'
import { castCollected } from './cast-collected.ts'
import { deriveSets } from './derive-sets.ts'
import { dropEmpty } from './drop-empty.ts'
import { dropRedundant } from './drop-redundant.ts'
import { expandAggregates } from './expand-aggregates.ts'
import { factorDisjunctions } from './factor-disjunctions.ts'
import { filterShared } from './filter-shared.ts'
import { simplifyExpressions } from './simplify-expressions.ts'
import { groupPartitions } from './group-partitions.ts'
import { inferPredicates } from './infer-predicates.ts'
import { mergeProjects } from './merge-projects.ts'
import { mergeValues } from './merge-values.ts'
import { orderJoins } from './order-joins.ts'
import { pruneColumns } from './prune-columns.ts'
import { pushFilters } from './push-filters.ts'
import { pushSemiJoins } from './push-semi-joins.ts'
import { pushSingleJoins } from './push-single-joins.ts'
import { raiseLeftJoins } from './raise-left-joins.ts'
import { reduceGroups } from './reduce-groups.ts'
import { shareArguments } from './share-arguments.ts'
import { shareRelations } from './share-relations.ts'
import { simplifyBooleans } from './simplify-booleans.ts'
import { listRows } from './list-rows.ts'
import { splitArrays } from './split-arrays.ts'
import { topRows } from './top-rows.ts'
import { unknownMatches } from './unknown-matches.ts'
import { unmatchedRows } from './unmatched-rows.ts'
import { windowGroups } from './window-groups.ts'
import { unnestSubqueries } from './unnest-subqueries.ts'

/** The rules in the order in which they run, with the reason for it. */
export const phases: readonly Phase[] = [
  {
    // Double negations around subqueries must go before these are read as EXISTS or NOT IN.
    name: 'prepare',
    passesMax: 2,
    rules: [simplifyExpressions, simplifyBooleans],
  },
  {
    // No other rule needs to know subqueries and avg after this. Sets are derived once the parts of avg are there.
    // Arrays of a row's values stand over their rows once subqueries are joins. What lists make of other functions is split
    // no further. What NOT IN makes joins of is unknown where NULLs are compared: these are split before filters sink.
    name: 'unnest',
    passesMax: 1,
    rules: [
      unnestSubqueries,
      unknownMatches,
      splitArrays,
      listRows,
      castCollected,
      expandAggregates,
      deriveSets,
    ],
  },
  {
    // Filters must sit on the scans before anything is estimated.
    name: 'simplify',
    passesMax: 8,
    rules: [
      simplifyExpressions,
      simplifyBooleans,
      pushFilters,
      unmatchedRows,
      mergeProjects,
      mergeValues,
      dropEmpty,
      dropRedundant,
      pruneColumns,
    ],
  },
  {
    // Once, for the same reason as below; what constants of a UNION's branches make of it is left out at once.
    name: 'share',
    passesMax: 1,
    rules: [filterShared, simplifyExpressions, simplifyBooleans, mergeProjects, dropEmpty],
  },
  {
    // Once, as what they add would be added again after it has sunk into the scans.
    name: 'derive',
    passesMax: 1,
    rules: [factorDisjunctions, pushFilters, inferPredicates, pushFilters],
  },
  {
    // Semi and single joins first: they make the inputs whose order is chosen smaller. Groups before them,
    // as what reduces groups is a semi join, which sinks; windows before all, as groups are joined for them. Groups
    // that become windows are not reduced any more, and stay windows.
    name: 'join-order',
    passesMax: 1,
    rules: [
      groupPartitions,
      windowGroups,
      reduceGroups,
      pushSemiJoins,
      pushSingleJoins,
      raiseLeftJoins,
      orderJoins,
    ],
  },
  {
    // New join trees have new places for conjuncts; limits meet their sorts once projections merged.
    name: 'finish',
    passesMax: 4,
    rules: [
      simplifyExpressions,
      simplifyBooleans,
      pushFilters,
      mergeProjects,
      dropEmpty,
      pruneColumns,
      topRows,
    ],
  },
  {
    // Filters have sunk, joins have their order: what is the same by now stays the same.
    name: 'share-relations',
    passesMax: 1,
    rules: [shareRelations, pruneColumns],
  },
  {
    // Nothing else is to be found below groups any more; the columns that only shared arguments read are dropped.
    name: 'arguments',
    passesMax: 1,
    rules: [shareArguments, pruneColumns],
  },
]

/** Names of the rules that a session may switch off. */
export const ruleNames: readonly string[] = [
  ...new Set(
    phases.flatMap(({ rules }) =>
      rules.filter(({ required }) => required !== true).map(({ name }) => name),
    ),
  ),
]
