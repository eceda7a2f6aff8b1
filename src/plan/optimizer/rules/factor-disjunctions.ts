import { and, conjuncts, or } from '../../logical/build.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type { ColumnId, Expression, Logical } from '../../logical/expression.ts'
import type { Relation } from '../../logical/relation.ts'
import { columnIdSet, columnsUsed, mapRelationChildren } from '../../logical/walk.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Rule } from '../rule.ts'

/**
 * `(a AND b) OR (a AND c) = a AND (b OR c)`, by distributivity, which three-valued logic has: so an
 * equality that every branch repeats can join (TPC-H 19). And over a join, `(p(L) AND q) OR (r(L) AND
 * s)` implies `p(L) OR r(L)`, which can sink into L: it is added where each branch says something of
 * the side.
 */
export const factorDisjunctions: Rule = {
  name: 'factor-disjunctions',
  order: 'whole',
  about: ['filter', 'join'],
  rewrite: factorRelation,
}

function factorRelation(relation: Relation): Relation {
  const mapped = mapRelationChildren(relation, {
    expression: (expr) => expr,
    relation: factorRelation,
  })
  if (mapped.kind === 'filter') {
    const predicate = factored(mapped.predicate)
    return predicate === mapped.predicate ? mapped : { ...mapped, predicate }
  }
  if (mapped.kind !== 'join' || mapped.nullAware === true) return mapped
  const inner = mapped.joinKind === 'inner'
  const sides = inner ? [mapped.left, mapped.right] : []
  const condition = withImplied(
    factored(mapped.condition),
    sides.map((side) => columnIdSet(side.columns)),
  )
  return condition === mapped.condition ? mapped : { ...mapped, condition }
}

function factored(condition: Expression): Expression {
  const parts = conjuncts(condition)
  const changed = parts.map((part) => (part.kind === 'or' ? factor(part) : part))
  return changed.every((part, i) => part === parts[i]) ? condition : and(changed)
}

function factor(expr: Logical): Expression {
  if (isVolatile(expr)) return expr
  const branches = expr.args.map(conjuncts)
  const [first, ...others] = branches
  const keys = others.map((branch) => new Set(branch.map(expressionKey)))
  const common = (first ?? []).filter((part) => keys.every((set) => set.has(expressionKey(part))))
  if (common.length === 0) return expr
  const commonKeys = new Set(common.map(expressionKey))
  const rest = branches.map((branch) => branch.filter((p) => !commonKeys.has(expressionKey(p))))
  return rest.some((branch) => branch.length === 0)
    ? and(common)
    : and([...common, or(rest.map(and))])
}

/** Adds what a disjunction over both sides says of one side alone, once. */
function withImplied(condition: Expression, sides: readonly ReadonlySet<ColumnId>[]): Expression {
  const parts = conjuncts(condition)
  const known = new Set(parts.map(expressionKey))
  const added: Expression[] = []
  for (const part of parts) {
    if (part.kind !== 'or' || isVolatile(part)) continue
    const used = columnsUsed(part)
    for (const side of sides) {
      if ([...used].every((id) => side.has(id))) continue
      const implied = impliedBy(part, side)
      if (implied === undefined || known.has(expressionKey(implied))) continue
      known.add(expressionKey(implied))
      added.push(implied)
    }
  }
  return added.length === 0 ? condition : and([...parts, ...added])
}

function impliedBy(expr: Logical, side: ReadonlySet<ColumnId>): Expression | undefined {
  const branches = expr.args.map((branch) =>
    conjuncts(branch).filter((part) => {
      const used = columnsUsed(part)
      return used.size > 0 && [...used].every((id) => side.has(id))
    }),
  )
  return branches.every((branch) => branch.length > 0) ? or(branches.map(and)) : undefined
}
