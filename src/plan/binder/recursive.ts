import { QueryError } from '../../base/errors.ts'
import type { Steps } from '../../base/steps.ts'
import { numeric, sameType, type DataType } from '../../data/types/data-type.ts'
import { shownType } from '../../data/types/coercion.ts'
import {
  isOther,
  limitedNames,
  shownOther,
  sameDeclared,
  type DeclaredType,
} from '../../data/types/declared-type.ts'
import type { CommonTableExpression, QueryBody, SelectStatement } from '../../sql/ast/select.ts'
import { columnReference, named, project, recursion } from '../logical/build.ts'
import { declaredColumns } from '../logical/declared.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { castTo } from '../logical/build.ts'
import { coerce, commonTypeOf, settle } from '../logical/typing.ts'
import { spanDetail } from '../logical/span-detail.ts'
import type { Draft, QueryEnvironment } from './context.ts'
import type { RecursiveQuery } from './recursive-references.ts'
import {
  addedNames,
  checkBase,
  checkSearch,
  hasSearchOrCycle,
  passingOn,
  withSequences,
} from './search-cycle.ts'

/** A definition with the names of its columns. */
export interface BoundRecursion {
  readonly relation: Relation
  readonly names: readonly string[]
}

/**
 * Binds a query that refers to itself: its non-recursive term says what its columns are, its recursive term sees the
 * rows of the round before under its name.
 */
export function* bindRecursive(
  environment: QueryEnvironment,
  cte: CommonTableExpression,
  { query, union }: RecursiveQuery,
): Steps<BoundRecursion> {
  const { binder } = environment
  const { columns, name: written } = cte
  const name = written.text
  const isAdding = hasSearchOrCycle(cte)
  if (isAdding) checkBase(union.left)
  const { columnIds } = binder.ctx
  const first = yield* binder.query(termOf(query, union.left), environment)
  const { base: plain, declared } = settledBase(environment, first)
  const own = plain.columns.map((column, at) => columns[at]?.text ?? first.names[at] ?? column.name)
  const added = addedNames(cte).map(({ text }) => text)
  const names = [...own, ...added]
  checkSearch(cte, own)
  const sequences = isAdding ? withSequences(environment, cte, plain, own) : undefined
  const base = sequences?.base ?? plain
  const recursionId: number = columnIds.next()
  const known = base.columns.map((column, at): OutputColumn => ({ ...column, name: names[at]! }))
  const definition = { recursionId, columns: known, addedColumns: added.length }
  const inner = { ...environment, ctes: { name, definition, next: environment.ctes } }
  const right = isAdding ? passingOn(cte, union.right) : union.right
  const draft = yield* binder.query(termOf(query, right), inner)
  const width = own.length
  const begun = { name, recursionId, base, width, first, declared }
  const terms = stepOf(environment, begun, draft)
  const step = sequences?.step(terms) ?? terms
  const isDistinct = !union.all
  return { relation: recursion(columnIds, { recursionId, name, base, step, isDistinct }), names }
}

/** A term as a query of its own. */
function termOf(query: SelectStatement, body: QueryBody): SelectStatement {
  return { ...query, with: undefined, body, span: body.span }
}

interface SettledBase {
  readonly base: Relation
  readonly declared: readonly (DeclaredType | undefined)[]
}

/** Numbers of no declared length may have more digits in later rounds. */
function settledBase({ binder }: QueryEnvironment, draft: Draft): SettledBase {
  const settled = draft.exprs.map((expr) => settle(binder, expr))
  const relation = draft.finish(settled)
  const declared = declaredColumns(relation, binder.declared)
  const wide = (type: DataType, at: number): DataType =>
    type.kind === 'decimal' && declared[at] === undefined ? numeric : type
  if (relation.columns.every(({ type }, at) => wide(type, at) === type)) {
    return { base: relation, declared }
  }
  const exprs = relation.columns.map((column, at) =>
    named(
      binder.ctx.columnIds,
      column.name,
      castTo(columnReference(column), wide(column.type, at)),
    ),
  )
  return { base: project(relation, exprs), declared }
}

interface Begun extends SettledBase {
  readonly name: string
  readonly recursionId: number
  /** The columns that are its own; those that SEARCH and CYCLE add stand behind them. */
  readonly width: number
  readonly first: Draft
}

/** The recursive term, of the types of the other one. Errors: SYNTAX_ERROR, DATATYPE_MISMATCH. */
function stepOf({ binder }: QueryEnvironment, begun: Begun, draft: Draft): Relation {
  const { recursionId, base, width, first, declared } = begun
  if (base.columns.length !== draft.exprs.length) {
    throw new QueryError('SYNTAX_ERROR', 'each UNION query must have the same number of columns', {
      ...spanDetail(draft.exprs[0]?.span),
    })
  }
  const outputs = base.columns.map((column, at) => {
    if (at >= width) return draft.exprs[at]!
    const own = columnReference(column)
    const expr = draft.exprs[at]!
    const common = commonTypeOf(binder, [own, expr], 'UNION')
    const overall = common.kind === 'decimal' && own.type.kind === 'numeric' ? numeric : common
    if (!sameType(overall, own.type) && !(isExact(overall) && isExact(own.type))) {
      throw mismatch(begun, at, shownType(own.type), shownType(overall))
    }
    return coerce(binder, expr, own.type)
  })
  const step = draft.finish(outputs)
  const ofStep = declaredColumns(step, binder.declared, [[recursionId, base]])
  for (const [at, own] of declared.entries()) {
    const column = base.columns[at]!
    const given = first.exprs[at]?.type.kind
    if (own === undefined || given === 'unknown') continue
    if (sameDeclared(own, ofStep[at])) continue
    throw mismatch(begun, at, shownDeclared(column.type, own), shownType(column.type))
  }
  return step
}

function isExact({ kind }: DataType): boolean {
  return kind === 'decimal' || kind === 'numeric'
}

function mismatch({ name, first }: Begun, at: number, begun: string, overall: string): QueryError {
  return new QueryError(
    'DATATYPE_MISMATCH',
    `recursive query "${name}" column ${at + 1} has type ${begun} in non-recursive term but type ${overall} overall`,
    {
      ...spanDetail(first.exprs[at]?.span),
      hint: 'Cast the output of the non-recursive term to the correct type.',
    },
  )
}

function shownDeclared(type: DataType, declared: DeclaredType): string {
  if (isOther(declared)) return shownOther(declared.name)
  switch (declared.name) {
    case 'numeric':
      return `numeric(${declared.precision},${declared.scale})`
    case 'varchar':
    case 'bpchar':
    case 'bit':
    case 'varbit': {
      const shown = limitedNames[declared.name]
      const { charactersMax } = declared
      const own = charactersMax === undefined ? shown : `${shown}(${charactersMax})`
      return type.kind === 'array' ? `${own}[]` : own
    }
  }
}
