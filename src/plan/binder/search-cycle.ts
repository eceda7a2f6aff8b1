import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { int8 } from '../../data/types/data-type.ts'
import { quantifiedName } from '../../functions/array/quantified.ts'
import type { AstExpression, Identifier } from '../../sql/ast/expression.ts'
import type {
  CommonTableExpression,
  QueryBody,
  TableExpression,
  TableName,
} from '../../sql/ast/select.ts'
import { caseOf, columnReference, filter, literal, named, project } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { typedCall, unify } from '../logical/typing.ts'
import { newLevel, type Binder, type QueryEnvironment } from './context.ts'
import { emptyNamespace, scopeOf } from './scope.ts'
import { fieldOf } from './whole-row.ts'

type Asked = Pick<CommonTableExpression, 'name' | 'search' | 'cycle'>

export function hasSearchOrCycle({ search, cycle }: Asked): boolean {
  return search !== undefined || cycle !== undefined
}

/** Errors: SYNTAX_ERROR for SEARCH and CYCLE of a query that does not refer to itself. */
export function refuseSearch(cte: Asked): void {
  if (!hasSearchOrCycle(cte)) return
  throw new QueryError('SYNTAX_ERROR', 'WITH query is not recursive', { span: cte.name.span })
}

/** The names of the columns that SEARCH and CYCLE add behind those of a query. */
export function addedNames({ search, cycle }: Asked): readonly Identifier[] {
  return [...(search ? [search.sequence] : []), ...(cycle ? [cycle.mark, cycle.path] : [])]
}

/** What may not be said of a query of these columns. Errors: SYNTAX_ERROR, DUPLICATE_COLUMN. */
export function checkSearch(asked: Asked, names: readonly string[]): void {
  const { search, cycle } = asked
  if (search !== undefined) {
    checkColumns('search', search.columns, names, search.span)
    refuseUsed('search sequence', search.sequence, names, search.span)
  }
  if (cycle === undefined) return
  checkColumns('cycle', cycle.columns, names, cycle.span)
  refuseUsed('cycle mark', cycle.mark, names, cycle.span)
  refuseUsed('cycle path', cycle.path, names, cycle.span)
  const [mark, path, sequence] = [cycle.mark.text, cycle.path.text, search?.sequence.text]
  const same =
    mark === path
      ? 'cycle mark column name and cycle path column name'
      : sequence === mark
        ? 'search sequence column name and cycle mark column name'
        : sequence === path
          ? 'search sequence column name and cycle path column name'
          : undefined
  if (same === undefined) return
  const { span } = mark === path ? cycle : (search ?? cycle)
  throw new QueryError('SYNTAX_ERROR', `${same} are the same`, { span })
}

function checkColumns(
  what: string,
  columns: readonly Identifier[],
  names: readonly string[],
  span: Span,
): void {
  const seen = new Set<string>()
  for (const { text } of columns) {
    if (!names.includes(text)) {
      const message = `${what} column "${text}" not in WITH query column list`
      throw new QueryError('SYNTAX_ERROR', message, { span })
    }
    if (seen.has(text)) {
      const message = `${what} column "${text}" specified more than once`
      throw new QueryError('DUPLICATE_COLUMN', message, { span })
    }
    seen.add(text)
  }
}

function refuseUsed(
  what: string,
  { text }: Identifier,
  names: readonly string[],
  span: Span,
): void {
  if (!names.includes(text)) return
  const message = `${what} column name "${text}" already used in WITH query column list`
  throw new QueryError('SYNTAX_ERROR', message, { span })
}

/**
 * The recursive term with the added columns of the rows that it reads behind its own. Errors: FEATURE_NOT_SUPPORTED where it is
 * no SELECT that reads them in its own FROM.
 */
export function passingOn(asked: Asked, right: QueryBody): QueryBody {
  if (right.kind === 'nested') {
    const body = passingOn(asked, right.query.body)
    return { ...right, query: { ...right.query, body } }
  }
  if (right.kind !== 'core') throw notSelect('right')
  const found = right.from.map((table) => referenceIn(table, asked.name.text)).find(Boolean)
  if (found === undefined) throw notOnTop(asked)
  const table = found.alias?.name ?? asked.name
  const items = addedNames(asked).map((column) => {
    const name = { parts: [table, column], span: found.span }
    return {
      expr: { kind: 'column' as const, name, span: found.span },
      alias: undefined,
      span: found.span,
    }
  })
  return { ...right, items: [...right.items, ...items] }
}

/** Errors: FEATURE_NOT_SUPPORTED for a non-recursive term that is itself made of two. */
export function checkBase(body: QueryBody): void {
  if (body.kind === 'set-operation') throw notSelect('left')
  if (body.kind === 'nested') checkBase(body.query.body)
}

function notSelect(side: 'left' | 'right'): QueryError {
  return new QueryError(
    'FEATURE_NOT_SUPPORTED',
    `with a SEARCH or CYCLE clause, the ${side} side of the UNION must be a SELECT`,
  )
}

function notOnTop({ name }: Asked): QueryError {
  return new QueryError(
    'FEATURE_NOT_SUPPORTED',
    `with a SEARCH or CYCLE clause, the recursive reference to WITH query "${name.text}" must be at the top level of its right-hand SELECT`,
  )
}

function referenceIn(table: TableExpression, name: string): TableName | undefined {
  if (table.kind === 'join') return referenceIn(table.left, name) ?? referenceIn(table.right, name)
  if (table.kind !== 'table' || table.name.parts.length !== 1) return undefined
  return table.name.parts[0]?.text === name ? table : undefined
}

/** Makes the added columns of a recursive query. */
export interface Sequences {
  /** The rows that it begins with, and their columns. */
  readonly base: Relation
  /** The rows of a round: of the term {@link passingOn} made, those that are to go on, with columns of their own. */
  step(relation: Relation): Relation
}

/** The added columns as SQL:1999 and PostgreSQL say: of the first rows, and of those that follow. */
export function withSequences(
  { binder }: QueryEnvironment,
  { search, cycle }: Asked,
  base: Relation,
  names: readonly string[],
): Sequences {
  const width = base.columns.length
  const { columnIds } = binder.ctx
  const call = (name: string, args: readonly Expression[], span: Span): Expression =>
    typedCall(binder, name, args, span)
  const fieldsOf = (relation: Relation, columns: readonly Identifier[]): readonly Expression[] =>
    columns.map(({ text }) => columnReference(at(relation, names.indexOf(text))))
  const made: Made[] = []
  if (search !== undefined) {
    const { columns, span } = search
    const row = (relation: Relation, first: readonly Expression[] = []): Expression =>
      call('row', [...first, ...fieldsOf(relation, columns)], span)
    made.push(
      search.order === 'depth'
        ? pathOf(call, row, span)
        : {
            first: (relation) => row(relation, [literal(0n, int8)]),
            next: (relation, before) =>
              row(relation, [
                call('+', [fieldOf(binder, before, 0, span), literal(1n, int8)], span),
              ]),
          },
    )
  }
  let goesOn: ((relation: Relation) => Expression) | undefined
  if (cycle !== undefined) {
    const { span } = cycle
    const [value, otherwise] = marks(binder, cycle.value, cycle.otherwise)
    const row = (relation: Relation): Expression =>
      call('row', fieldsOf(relation, cycle.columns), span)
    const path = (relation: Relation): Expression => columnReference(at(relation, -1))
    made.push({
      first: () => otherwise,
      next: (relation) => {
        const again = call(quantifiedName('=', 'any'), [row(relation), path(relation)], span)
        return caseOf([{ when: again, then: value }], otherwise, span)
      },
    })
    made.push(pathOf(call, row, span))
    goesOn = (relation) => call('<>', [columnReference(at(relation, -2)), value], span)
  }
  const outputs = (relation: Relation, added: readonly Expression[]): Relation =>
    project(relation, [
      ...relation.columns
        .slice(0, width)
        .map((column) => named(columnIds, column.name, columnReference(column))),
      ...added.map((expr, i) => named(columnIds, `added ${i}`, expr)),
    ])
  return {
    base: outputs(
      base,
      made.map(({ first }) => first(base)),
    ),
    step: (relation) => {
      const kept = goesOn === undefined ? relation : filter(relation, goesOn(relation))
      const added = made.map(({ next }, i) => next(kept, columnReference(at(kept, width + i))))
      return outputs(kept, added)
    },
  }
}

/** An added column: of the first rows, and from that of the row before. */
interface Made {
  first(relation: Relation): Expression
  next(relation: Relation, before: Expression): Expression
}

/** All rows that led to a row, itself last. */
function pathOf(
  call: (name: string, args: readonly Expression[], span: Span) => Expression,
  row: (relation: Relation) => Expression,
  span: Span,
): Made {
  return {
    first: (relation) => call('array_of', [row(relation)], span),
    next: (relation, before) => call('array_append', [before, row(relation)], span),
  }
}

function marks(
  binder: Binder,
  value: AstExpression,
  otherwise: AstExpression,
): readonly [Expression, Expression] {
  const environment = { binder, parent: undefined, ctes: undefined }
  const scope = scopeOf(emptyNamespace, newLevel(), environment)
  const bound = [value, otherwise].map((ast) => binder.expression(scope, ast))
  const [first, second] = unify(binder, bound, 'CYCLE')
  return [present(first, 'mark'), present(second, 'mark')]
}

function at({ columns }: Relation, position: number): OutputColumn {
  return present(columns.at(position), 'column of a recursive query')
}
