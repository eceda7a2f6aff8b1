import { and, conjuncts, or } from '../../logical/build.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type { ColumnId, Expression } from '../../logical/expression.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { CteReference, OutputColumn, Relation, With } from '../../logical/relation.ts'
import { columnsUsed, inputsOf, mapInputs, replaceColumns } from '../../logical/walk.ts'
import type { Rule } from '../rule.ts'
import { pushDown } from './push-filters.ts'

/**
 * `Filter(p, C)` and `Filter(q, C)` of one shared C are the same over `Filter(p OR q, C)`: rows that no
 * reference keeps are not made. It holds as long as every reference is filtered. The definition is given
 * what all of them say of one column, and what all say alike, as these sink on their own where the whole
 * disjunction would be held up by an aggregate that one of them reads.
 */
export const filterShared: Rule = {
  name: 'filter-shared',
  order: 'whole',
  about: ['with'],
  rewrite: shareFilters,
}

function shareFilters(relation: Relation): Relation {
  if (relation.kind !== 'with') return mapInputs(relation, shareFilters)
  // What the input shares may refer to this, and is filtered first.
  const input = shareFilters(relation.input)
  const parts = wantedByAll(relation, input)
  const given = parts.length === 0 ? relation.definition : pushDown(relation.definition, parts)
  const definition = shareFilters(given)
  const same = definition === relation.definition && input === relation.input
  return same ? relation : { ...relation, definition, input, columns: input.columns }
}

/** A conjunct of a reference's filter, over the columns of the definition. */
interface Part {
  readonly expr: Expression
  readonly key: string
  /** The column that it is about, if there is one only. */
  readonly column: ColumnId | undefined
}

/** What the definition's rows must meet to be kept by any reference. */
function wantedByAll({ cteId, definition }: With, input: Relation): readonly Expression[] {
  const columns = new Map(definition.columns.map((column) => [column.id, column]))
  const branches: (readonly Part[])[] = []
  if (!collect(input, cteId, columns, branches)) return []
  const [first = [], ...others] = branches
  const wanted = new Map<string, Expression>()
  for (const { key, column, expr } of first) {
    if (others.every((branch) => branch.some((part) => part.key === key))) wanted.set(key, expr)
    else if (column !== undefined) {
      const alternatives = branches.map((branch) => branch.filter((p) => p.column === column))
      if (alternatives.some((parts) => parts.length === 0)) continue
      const wider = anyOf(alternatives)
      wanted.set(expressionKey(wider), wider)
    }
  }
  return [...wanted.values()]
}

/** A disjunction without what is said twice. */
function anyOf(alternatives: readonly (readonly Part[])[]): Expression {
  const all = alternatives.map((parts) => and(parts.map(({ expr }) => expr)))
  return or([...new Map(all.map((expr) => [expressionKey(expr), expr])).values()])
}

/** Lists what each reference is filtered by; false as soon as one is not. */
function collect(
  relation: Relation,
  cteId: number,
  columns: ReadonlyMap<ColumnId, OutputColumn>,
  branches: (readonly Part[])[],
): boolean {
  if (relation.kind === 'cte-reference') return relation.cteId !== cteId
  if (relation.kind === 'filter' && relation.input.kind === 'cte-reference') {
    const reference = relation.input
    if (reference.cteId !== cteId) return true
    const parts = conjuncts(relation.predicate).filter((part) => !isVolatile(part))
    branches.push(parts.map((part) => overDefinition(part, reference, columns)))
    return parts.length > 0
  }
  return inputsOf(relation).every((inner) => collect(inner, cteId, columns, branches))
}

function overDefinition(
  part: Expression,
  reference: CteReference,
  columns: ReadonlyMap<ColumnId, OutputColumn>,
): Part {
  const behind = new Map(reference.columns.map(({ id }, i) => [id, reference.definitionColumns[i]]))
  const expr = replaceColumns(part, (id) => {
    const source = behind.get(id)
    const column = source === undefined ? undefined : columns.get(source)
    return column && { kind: 'column', id: column.id, name: column.name, type: column.type }
  })
  const used = [...columnsUsed(expr)]
  return { expr, key: expressionKey(expr), column: used.length === 1 ? used[0] : undefined }
}
