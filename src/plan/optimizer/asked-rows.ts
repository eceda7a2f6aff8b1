import { and, columnReference, conjuncts, join } from '../logical/build.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import { isVolatile } from '../logical/expression-size.ts'
import { freshCopy } from '../logical/fresh.ts'
import type { Join, Relation, Scan } from '../logical/relation.ts'
import { columnIdSet, columnsUsed, replaceColumns } from '../logical/walk.ts'
import { equalityOf, hasExactEquality } from './conditions.ts'
import type { RuleContext } from './rule.ts'

/** Rows that tell which groups are wanted: those of a filtered scan, with columns chosen or computed. */
export interface Asked {
  readonly rows: Relation
  readonly scan: Scan
  /** What the joins ask of these rows and others. */
  readonly conditions: readonly Expression[]
}

/**
 * What a leaf of inner joins asks of others under their conditions `parts`: a filtered scan asks for partners of its rows,
 * and a semi join with one for those of the rows that it keeps.
 */
export function askedBy(leaf: Relation, parts: readonly Expression[]): Asked | undefined {
  const scan = filteredScan(leaf)
  if (scan !== undefined) return { rows: leaf, scan, conditions: parts }
  if (leaf.kind !== 'join' || leaf.joinKind !== 'semi' || leaf.nullAware === true) return undefined
  const partners = filteredScan(leaf.right)
  if (partners === undefined) return undefined
  const [own, theirs] = [columnIdSet(leaf.left.columns), columnIdSet(leaf.right.columns)]
  const same = new Map<ColumnId, Expression>()
  for (const part of conjuncts(leaf.condition)) {
    const equality = equalityOf(part, own, theirs)
    if (equality?.left.kind !== 'column' || equality.nullSafe) continue
    // One stands for the other in any condition: texts of 1 and 1.0 differ.
    if (!hasExactEquality(equality.left.type)) continue
    same.set(equality.left.id, equality.right)
  }
  const conditions = parts
    .filter((part) => [...columnsUsed(part)].every((id) => !own.has(id) || same.has(id)))
    .map((part) => replaceColumns(part, (id) => same.get(id)))
  return { rows: leaf.right, scan: partners, conditions }
}

function filteredScan(relation: Relation): Scan | undefined {
  if (relation.kind === 'project') {
    return relation.exprs.some(({ expr }) => isVolatile(expr))
      ? undefined
      : filteredScan(relation.input)
  }
  if (relation.kind !== 'scan' || relation.filters.length === 0) return undefined
  return relation.filters.some(isVolatile) ? undefined : relation
}

/** The rows of which another part of the query asks for the partners, by conditions over them and these rows. */
export function reducedTo(
  input: Relation,
  { rows }: Asked,
  lookups: readonly Expression[],
  { ids, nextCteId }: Pick<RuleContext, 'ids' | 'nextCteId'>,
): Join {
  const { relation, columns } = freshCopy(ids, rows, nextCteId)
  const outputs = new Map(relation.columns.map((column) => [column.id, column]))
  const renamed = lookups.map((lookup) =>
    replaceColumns(lookup, (id) => {
      const column = outputs.get(columns.get(id) ?? id)
      return column === undefined ? undefined : columnReference(column)
    }),
  )
  return join('semi', input, relation, and(renamed))
}
