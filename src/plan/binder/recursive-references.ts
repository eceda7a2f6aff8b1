import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type {
  ChangeInWith,
  CommonTableExpression,
  JoinedTable,
  QueryBody,
  SelectStatement,
  SetOperation,
  WithClause,
} from '../../sql/ast/select.ts'

/** Where a reference to a recursive query may not be; see PostgreSQL's parse_cte.c. */
type Place =
  | 'allowed'
  | 'its non-recursive term'
  | 'a subquery'
  | 'an outer join'
  | 'INTERSECT'
  | 'EXCEPT'

/** Told of each reference to one of some CTEs: who refers to it, by which name, in which place. */
type Found = (name: string, place: Place, span: Span) => void

/** One item of WITH RECURSIVE. */
export interface OrderedCte {
  readonly cte: CommonTableExpression
  /** The query of a recursive item, found to be well-formed. */
  readonly recursive: RecursiveQuery | undefined
}

/** A query that refers to itself, which is a UNION. */
export interface RecursiveQuery {
  readonly query: SelectStatement
  readonly union: SetOperation
}

/**
 * The items of WITH RECURSIVE, each behind those that it refers to. Errors: FEATURE_NOT_SUPPORTED for items that refer to
 * each other; INVALID_RECURSION where one that refers to itself does not have the form of a recursive query.
 */
export function inReferenceOrder({ ctes }: WithClause): readonly OrderedCte[] {
  const byName = new Map(ctes.map((cte) => [cte.name.text, cte]))
  const uses = new Map<CommonTableExpression, Set<CommonTableExpression>>()
  for (const cte of ctes) {
    const used = new Set<CommonTableExpression>()
    const walk = new ReferenceWalk(new Set(byName.keys()), (name) => used.add(byName.get(name)!))
    walk.select(cte.query, 'allowed')
    uses.set(cte, used)
  }
  const ordered: OrderedCte[] = []
  const done = new Set<CommonTableExpression>()
  while (ordered.length < ctes.length) {
    const isReady = (cte: CommonTableExpression): boolean =>
      !done.has(cte) && [...uses.get(cte)!].every((used) => used === cte || done.has(used))
    const next = ctes.find(isReady)
    if (next === undefined) {
      const first = ctes.find((cte) => !done.has(cte))!
      throw new QueryError(
        'FEATURE_NOT_SUPPORTED',
        'mutual recursion between WITH items is not implemented',
        { span: first.name.span },
      )
    }
    done.add(next)
    const recursive = uses.get(next)!.has(next) ? checkedForm(next) : undefined
    ordered.push({ cte: next, recursive })
  }
  return ordered
}

/** The UNION of a query that refers to itself, in a place where it may and once only. */
function checkedForm(cte: CommonTableExpression): RecursiveQuery {
  const { query, name } = cte
  if (query.kind !== 'select') {
    const message = `recursive query "${name.text}" must not contain data-modifying statements`
    throw invalid(message, name.span)
  }
  const union = unionOf(query.body)
  if (union === undefined) {
    throw invalid(
      `recursive query "${name.text}" does not have the form non-recursive-term UNION [ALL] recursive-term`,
      name.span,
    )
  }
  // A chain of very many is parsed as a tree whose right side is no single term.
  if (unionOf(union.right) !== undefined) {
    throw new QueryError('STATEMENT_TOO_COMPLEX', 'a recursive query of too many UNIONs', {
      span: union.span,
    })
  }
  let references = 0
  const walk = new ReferenceWalk(new Set([name.text]), (_, place, span) => {
    if (place !== 'allowed') {
      const message = `recursive reference to query "${name.text}" must not appear within ${place}`
      throw invalid(message, span)
    }
    references += 1
    if (references > 1) {
      const message = `recursive reference to query "${name.text}" must not appear more than once`
      throw invalid(message, span)
    }
  })
  walk.body(union.left, 'its non-recursive term')
  walk.body(union.right, 'allowed')
  for (const inner of query.with?.ctes ?? []) walk.select(inner.query, 'a subquery')
  refuseClauses(query)
  if (references === 0) {
    throw invalid(
      `recursive query "${name.text}" does not refer to itself in its recursive term`,
      name.span,
    )
  }
  return { query, union }
}

/** Parentheses around the whole query say nothing. */
function unionOf(body: QueryBody): SetOperation | undefined {
  return body.kind === 'set-operation' && body.operator === 'union' ? body : undefined
}

function refuseClauses({
  orderBy,
  orderByAll,
  offset,
  limit,
  locking,
  span,
}: SelectStatement): void {
  const [first] = orderBy
  const refused =
    first !== undefined || orderByAll
      ? (['ORDER BY', first?.expr.span ?? span] as const)
      : offset !== undefined
        ? (['OFFSET', offset.span] as const)
        : limit !== undefined
          ? (['LIMIT', limit.span] as const)
          : locking.length > 0
            ? (['FOR UPDATE/SHARE', span] as const)
            : undefined
  if (refused === undefined) return
  const [clause, at] = refused
  throw new QueryError(
    'FEATURE_NOT_SUPPORTED',
    `${clause} in a recursive query is not implemented`,
    { span: at },
  )
}

function invalid(message: string, span: Span): QueryError {
  return new QueryError('INVALID_RECURSION', message, { span })
}

/** Walks queries for references to CTEs by name, where no WITH within gives the name to others. */
class ReferenceWalk {
  #names: ReadonlySet<string>
  readonly #found: Found

  constructor(names: ReadonlySet<string>, found: Found) {
    this.#names = names
    this.#found = found
  }

  select(statement: SelectStatement | ChangeInWith, place: Place): void {
    const outside = this.#names
    const clause = statement.kind === 'insert' ? undefined : statement.with
    if (clause !== undefined) {
      const own = new Set(clause.ctes.map(({ name }) => name.text))
      const without = (hidden: ReadonlySet<string>): void => {
        this.#names = new Set([...outside].filter((name) => !hidden.has(name)))
      }
      const before = new Set<string>()
      for (const cte of clause.ctes) {
        without(clause.recursive ? own : before)
        this.select(cte.query, place)
        before.add(cte.name.text)
      }
      without(own)
    }
    if (statement.kind === 'select') {
      this.body(statement.body, place)
      const { orderBy, limit, offset } = statement
      for (const part of [orderBy, limit, offset]) this.#any(part, place)
    } else this.#fields({ ...statement, with: undefined }, place)
    this.#names = outside
  }

  body(body: QueryBody, place: Place): void {
    if (body.kind === 'nested') return this.select(body.query, place)
    if (body.kind !== 'set-operation') return this.#fields(body, place)
    // What takes rows away by their number, or away from others, could give back what it took in a later round.
    const { operator, all, left, right } = body
    const at = (given: Place): Place => (place === 'allowed' ? given : place)
    if (operator === 'union' || (operator === 'intersect' && !all)) {
      this.body(left, place)
      this.body(right, place)
    } else if (operator === 'intersect') {
      this.body(left, at('INTERSECT'))
      this.body(right, at('INTERSECT'))
    } else {
      this.body(left, all ? at('EXCEPT') : place)
      this.body(right, at('EXCEPT'))
    }
  }

  #join({ joinKind, left, right, on }: JoinedTable, place: Place): void {
    const outer: Place = place === 'allowed' ? 'an outer join' : place
    const isLeftMissed = joinKind === 'right' || joinKind === 'full'
    const isRightMissed = joinKind === 'left' || joinKind === 'full'
    // Rows of the left that match none of a round are none of a join's.
    const isRightTested = joinKind === 'anti' || joinKind === 'asof'
    this.#any(left, isLeftMissed ? outer : place)
    this.#any(right, isRightMissed || isRightTested ? outer : place)
    this.#any(on, place)
  }

  #any(node: unknown, place: Place): void {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) {
      for (const item of node as unknown[]) this.#any(item, place)
      return
    }
    const { kind } = node as { readonly kind?: unknown }
    if (kind === 'table') return this.#table(node as TableLike, place)
    if (kind === 'derived' || kind === 'predict') {
      return this.select((node as { readonly query: SelectStatement }).query, place)
    }
    if (kind === 'join') return this.#join(node as JoinedTable, place)
    if (kind === 'select') {
      return this.select(node as SelectStatement, place === 'allowed' ? 'a subquery' : place)
    }
    this.#fields(node, place)
  }

  #fields(node: object, place: Place): void {
    const fields = node as Readonly<Record<string, unknown>>
    for (const name in fields) if (name !== 'span') this.#any(fields[name], place)
  }

  #table({ name: { parts }, span }: TableLike, place: Place): void {
    const [only] = parts
    if (parts.length !== 1 || only === undefined || !this.#names.has(only.text)) return
    this.#found(only.text, place, span)
  }
}

interface TableLike {
  readonly name: { readonly parts: readonly { readonly text: string }[] }
  readonly span: Span
}
