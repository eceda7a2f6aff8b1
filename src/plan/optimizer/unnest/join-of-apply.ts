import { bool } from '../../../data/types/data-type.ts'
import {
  and,
  caseOf,
  columnReference,
  conjuncts,
  falseLiteral,
  isTrue,
  join,
  literal,
  project,
  trueLiteral,
} from '../../logical/build.ts'
import { markColumnOf } from '../../logical/columns-of.ts'
import type { Expression } from '../../logical/expression.ts'
import type { Apply, OutputColumn, Relation } from '../../logical/relation.ts'
import { replaceColumns } from '../../logical/walk.ts'
import { passedOn } from '../output-columns.ts'
import { isOneRow } from '../properties.ts'
import type { RuleContext } from '../rule.ts'
import { freshCopy } from '../../logical/fresh.ts'
import { tested } from '../../logical/predicates.ts'

/** The parts of an Apply that stay when its right side no longer depends on its left. */
export type JoinShape = Pick<Apply, 'joinKind' | 'left' | 'condition' | 'nullAware' | 'markColumn'>

/**
 * The join that an Apply becomes once its right side is independent, where `correlation` are the
 * conjuncts that tell which right rows belong to a left row. These decide membership, so an unknown
 * one is no match; only the Apply's own condition counts in three-valued logic. Therefore a null-aware
 * anti join becomes a plain one on `condition IS NOT FALSE`, and a null-aware mark two plain marks,
 * for TRUE and for unknown.
 */
export function joinOfApply(
  shape: JoinShape,
  right: Relation,
  correlation: readonly Expression[],
  ctx: RuleContext,
): Relation {
  const { joinKind, left, condition, nullAware, markColumn } = shape
  if (nullAware !== true || correlation.length === 0) {
    const all = and([...conjuncts(condition), ...correlation])
    const kind = joinKind === 'single' && isTrue(all) && isOneRow(right) ? 'inner' : joinKind
    return join(kind, left, right, all, {
      ...(nullAware === undefined ? {} : { nullAware }),
      ...(markColumn === undefined ? {} : { markColumn }),
    })
  }
  if (joinKind === 'mark' && markColumn !== undefined) {
    return twoMarks(shape, markColumn, right, correlation, ctx)
  }
  const possible = tested(condition, 'false', true)
  return join(joinKind, left, right, and([...correlation, possible]), { nullAware: false })
}

/** `mark` is TRUE where a row matches, else NULL where one is unknown, else FALSE. */
function twoMarks(
  shape: JoinShape,
  markColumn: OutputColumn,
  right: Relation,
  correlation: readonly Expression[],
  ctx: RuleContext,
): Relation {
  const { left, condition } = shape
  const matched = markColumnOf(ctx.ids.next(), `${markColumn.name}_true`, false)
  const unknown = markColumnOf(ctx.ids.next(), `${markColumn.name}_unknown`, false)
  const first = join('mark', left, right, and([...correlation, ...conjuncts(condition)]), {
    nullAware: false,
    markColumn: matched,
  })
  const copy = freshCopy(ctx.ids, right, ctx.nextCteId)
  const outputs = new Map(right.columns.map((column) => [column.id, column]))
  const isUnknown = tested(condition, 'unknown')
  const onCopy = replaceColumns(and([...correlation, isUnknown]), (id) => {
    const [column, fresh] = [outputs.get(id), copy.columns.get(id)]
    return column && fresh && columnReference({ ...column, id: fresh })
  })
  const second = join('mark', first, copy.relation, onCopy, {
    nullAware: false,
    markColumn: unknown,
  })
  const value = caseOf(
    [
      { when: columnReference(matched), then: trueLiteral },
      { when: columnReference(unknown), then: literal(null, bool) },
    ],
    falseLiteral,
  )
  const mark = { id: markColumn.id, name: markColumn.name, expr: value }
  return project(second, [...passedOn(left.columns), mark])
}
