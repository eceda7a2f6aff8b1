import { isOverdue } from '../../base/budget.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { Steps } from '../../base/steps.ts'
import type {
  AstBetween,
  AstBinary,
  AstExpression,
  AstIn,
  AstIs,
  AstLike,
  AstRow,
  AstUnary,
} from '../../sql/ast/expression.ts'
import { and, columnReference, or } from '../logical/build.ts'
import type { Expression, LetBinding } from '../logical/expression.ts'
import { duplicate } from '../logical/fresh.ts'
import { typedMembership } from '../logical/membership.ts'
import { coerceToBoolean, typedCall } from '../logical/typing.ts'
import { columnsUsed } from '../logical/walk.ts'
import { bindConcatenation } from './concatenation.ts'
import { bindExpression, expressionSteps } from './context.ts'
import type { Scope } from './context.ts'
import { numberLiteral } from './literal.ts'
import { rowNullTest } from './whole-row.ts'
import { named, shared } from './shared-value.ts'

const namedOperators: Readonly<Record<string, string>> = {
  'is distinct from': 'is_distinct_from',
  'is not distinct from': 'is_not_distinct_from',
  '!=': '<>',
}

const distinctions = new Set(['is_distinct_from', 'is_not_distinct_from'])

export function bindUnary(scope: Scope, ast: AstUnary): Expression {
  const constant = negatedConstant(ast)
  if (constant !== undefined) return numberLiteral(constant, ast.span)
  if (ast.operator === 'not') return bindNot(scope, bindExpression(scope, ast.arg), ast.span)
  const arg = bindExpression(scope, ast.arg)
  return typedCall(scope.environment.binder, ast.operator, [arg], ast.span)
}

/** A sign belongs to its constant, repeated ones too: -(-2147483648) is the bigint 2147483648. */
function negatedConstant({ operator, arg }: AstUnary): string | undefined {
  if (operator !== '-') return undefined
  if (arg.kind === 'number') return `-${arg.text}`
  const inner = arg.kind === 'unary' ? negatedConstant(arg) : undefined
  if (inner === undefined) return undefined
  return inner.startsWith('-') ? inner.slice(1) : `-${inner}`
}

/** Operators one after another. */
export function bindBinary(scope: Scope, ast: AstBinary): Expression {
  const { operator, left, right } = ast
  if (operator === 'and' || operator === 'or') {
    const args = flatten(ast, operator)
    return connective(
      operator,
      args.map((arg) => operand(scope, operator, bindExpression(scope, arg))),
    )
  }
  if (left.kind === 'row' && right.kind === 'row') {
    return compareRows(scope, operator, left, right, ast)
  }
  const chain = new Chain(scope, ast)
  for (const operation of chain.operations) chain.add(operation)
  return chain.whole()
}

/** As {@link bindBinary}, in steps: see `isOverdue`. */
export function* binarySteps(scope: Scope, ast: AstBinary): Steps<Expression> {
  const { operator } = ast
  if (operator === 'and' || operator === 'or') {
    const args: Expression[] = []
    for (const arg of flatten(ast, operator)) {
      args.push(operand(scope, operator, yield* expressionSteps(scope, arg)))
    }
    return connective(operator, args)
  }
  if (!isChained(ast)) return bindBinary(scope, ast)
  const chain = new Chain(scope, ast)
  for (const operation of chain.operations) {
    if (isOverdue()) yield
    chain.add(operation)
  }
  return chain.whole()
}

function connective(operator: 'and' | 'or', args: readonly Expression[]): Expression {
  return operator === 'and' ? and(args) : or(args)
}

function operand(scope: Scope, operator: 'and' | 'or', bound: Expression): Expression {
  return coerceToBoolean(scope.environment.binder, bound, operator.toUpperCase())
}

/** Operators one after another that become one expression at most; longer chains are cut in pieces. */
const PIECE_OPERATORS_MAX = 100

/** `a + b - c ...`, which nests to the left, without recursing along it. */
class Chain {
  /** From left to right: each is to be added. */
  readonly operations: readonly AstBinary[]
  readonly #scope: Scope
  readonly #bindings: LetBinding[] = []
  #left: Expression
  #added = 0

  constructor(scope: Scope, ast: AstBinary) {
    const operations: AstBinary[] = []
    let first: AstExpression = ast
    while (first.kind === 'binary' && isChained(first)) {
      operations.push(first)
      first = first.left
    }
    this.operations = operations.reverse()
    this.#scope = scope
    this.#left = bindExpression(scope, first)
  }

  add(operation: AstBinary): void {
    const added = this.#added++
    if (added > 0 && added % PIECE_OPERATORS_MAX === 0) {
      const id = this.#scope.environment.binder.ctx.columnIds.next()
      this.#bindings.push({ id, value: this.#left })
      this.#left = columnReference({ id, name: 'value', type: this.#left.type })
    }
    const right = bindExpression(this.#scope, operation.right)
    this.#left = callOperator(this.#scope, operation.operator, this.#left, right, operation)
  }

  whole(): Expression {
    return named(this.#bindings, this.#left)
  }
}

function isChained({ operator, left, right }: AstBinary): boolean {
  if (operator === 'and' || operator === 'or') return false
  return left.kind !== 'row' || (right.kind !== 'row' && right.kind !== 'subquery')
}

/** A binary operator by its symbol, or IS [NOT] DISTINCT FROM. */
export function callOperator(
  scope: Scope,
  operator: string,
  left: Expression,
  right: Expression,
  at: { readonly span: Span; readonly operatorSpan?: Span },
): Expression {
  const name = namedOperators[operator] ?? operator
  const { binder } = scope.environment
  const concatenation = operator === '||' ? bindConcatenation(binder, left, right, at) : undefined
  if (concatenation !== undefined) return concatenation
  const operatorSpan = at.operatorSpan ?? at.span
  // What is distinct is what `=` says, which chooses types by other rules than CASE and the like: of texts and of a real
  // beside a numeric, which are compared as double precision.
  const args =
    distinctions.has(name) && left.type.kind !== right.type.kind
      ? typedCall(binder, '=', [left, right], at.span, operatorSpan).args
      : [left, right]
  return typedCall(binder, name, args, at.span, operatorSpan)
}

export function bindNot(scope: Scope, arg: Expression, span: Span): Expression {
  const { binder } = scope.environment
  return typedCall(binder, 'not', [coerceToBoolean(binder, arg, 'NOT')], span)
}

export function bindIs(scope: Scope, ast: AstIs): Expression {
  const { binder } = scope.environment
  const name = `is_${ast.negated ? 'not_' : ''}${ast.test}`
  if (ast.arg.kind === 'row' && ast.test === 'null') {
    const tests = ast.arg.items.map((item) =>
      typedCall(binder, name, [bindExpression(scope, item)], ast.span),
    )
    return and(tests)
  }
  const arg = bindExpression(scope, ast.arg)
  if (ast.test === 'null') {
    if (arg.type.kind === 'record') return rowNullTest(binder, arg, ast.negated, ast.span)
    return typedCall(binder, name, [arg], ast.span)
  }
  const clause = `IS ${ast.negated ? 'NOT ' : ''}${ast.test.toUpperCase()}`
  return typedCall(binder, name, [coerceToBoolean(binder, arg, clause)], ast.span)
}

export function bindBetween(scope: Scope, ast: AstBetween): Expression {
  const { binder } = scope.environment
  const arg = bindExpression(scope, ast.arg)
  const low = bindExpression(scope, ast.low)
  const high = bindExpression(scope, ast.high)
  type Read = () => Expression
  // NOT BETWEEN are the opposites, as PostgreSQL has it, and names them where there are none.
  const [above, below] = ast.negated ? (['<', '>'] as const) : (['>=', '<='] as const)
  const [both, either] = ast.negated ? [or, and] : [and, or]
  const within = (value: Read, from: Read, to: Read): Expression =>
    both([
      callOperator(scope, above, value(), from(), ast),
      callOperator(scope, below, value(), to(), ast),
    ])
  return shared(binder, arg, (value) =>
    !ast.symmetric
      ? within(
          value,
          () => low,
          () => high,
        )
      : shared(binder, low, (from) =>
          shared(binder, high, (to) => either([within(value, from, to), within(value, to, from)])),
        ),
  )
}

const likeOperators = { like: '~~', ilike: '~~*', similar: 'similar_to' } as const

export function bindLike(scope: Scope, ast: AstLike): Expression {
  const { binder } = scope.environment
  const args = [bindExpression(scope, ast.arg), bindExpression(scope, ast.pattern)]
  const name = likeOperators[ast.operator]
  if (ast.escape !== undefined) {
    const escape = bindExpression(scope, ast.escape)
    const test = typedCall(binder, name, [...args, escape], ast.span, ast.operatorSpan)
    return ast.negated ? bindNot(scope, test, ast.span) : test
  }
  if (ast.negated && ast.operator !== 'similar') {
    return typedCall(binder, `!${name}`, args, ast.span, ast.operatorSpan)
  }
  const test = typedCall(binder, name, args, ast.span, ast.operatorSpan)
  return ast.negated ? bindNot(scope, test, ast.span) : test
}

/** `x IN (a, b)`: one list of one type where there is one, else a disjunction of comparisons. In steps. */
export function* inListSteps(
  scope: Scope,
  ast: AstIn,
  list: readonly AstExpression[],
): Steps<Expression> {
  const { binder } = scope.environment
  const row = ast.arg.kind === 'row' ? ast.arg : undefined
  // As PostgreSQL has it where the members have no type in common: a comparison with each.
  const [operator, all] = ast.negated ? (['<>', and] as const) : (['=', or] as const)
  if (row !== undefined) {
    const tests: Expression[] = []
    for (const item of list) {
      if (isOverdue()) yield
      if (item.kind !== 'row') throw rowLengths(item.span)
      tests.push(compareRows(scope, operator, row, item, ast))
    }
    return all(tests)
  }
  const arg = bindExpression(scope, ast.arg)
  const members: Expression[] = []
  for (const item of list) {
    if (isOverdue()) yield
    members.push(bindExpression(scope, item))
  }
  const test = typedMembership(binder, arg, members, ast.span)
  if (test !== undefined) return ast.negated ? bindNot(scope, test, ast.span) : test
  // What is no column has a type in common all the same, and is compared first.
  const fixed = members.filter((member) => columnsUsed(member).size === 0)
  const others = members.filter((member) => columnsUsed(member).size > 0)
  return shared(binder, arg, (read) => {
    const compared = (member: Expression): Expression =>
      callOperator(scope, operator, read(), member, ast)
    const isListed = fixed.length > 1 && others.length > 0
    const listed = isListed ? typedMembership(binder, read(), fixed, ast.span) : undefined
    if (listed === undefined) return all(members.map(compared))
    const first = ast.negated ? bindNot(scope, listed, ast.span) : listed
    return all([first, ...others.map(compared)])
  })
}

/** Row comparison, member by member; ordering is lexicographic. */
function compareRows(
  scope: Scope,
  operator: string,
  leftRow: AstRow,
  rightRow: AstRow,
  at: { readonly span: Span; readonly operatorSpan?: Span },
): Expression {
  if (leftRow.items.length !== rightRow.items.length) throw rowLengths(rightRow.span)
  const left = leftRow.items.map((item) => bindExpression(scope, item))
  const right = rightRow.items.map((item) => bindExpression(scope, item))
  return compareTuples(scope, operator, left, right, at)
}

export function compareTuples(
  scope: Scope,
  operator: string,
  left: readonly Expression[],
  right: readonly Expression[],
  at: { readonly span: Span; readonly operatorSpan?: Span },
): Expression {
  const pairwise = (name: string): readonly Expression[] =>
    left.map((member, index) => callOperator(scope, name, member, right[index]!, at))
  if (left.length === 0 && !operator.startsWith('is ')) {
    const place = { span: at.operatorSpan ?? at.span }
    throw new QueryError('FEATURE_NOT_SUPPORTED', 'cannot compare rows of zero length', place)
  }
  switch (operator) {
    case '=':
    case 'is not distinct from':
      return and(pairwise(operator))
    case '<>':
    case 'is distinct from':
      return or(pairwise(operator))
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const strict = operator.charAt(0)
      const { columnIds } = scope.environment.binder.ctx
      const last = left.length - 1
      return or(
        left.map((member, index) => {
          const name = index === last ? operator : strict
          const here = callOperator(scope, name, member, right[index]!, at)
          const equal = left.slice(0, index).map((before, position) => {
            const [a, b] = [before, right[position]!].map((expr) => duplicate(columnIds, expr))
            return callOperator(scope, '=', a!, b!, at)
          })
          return and([...equal, here])
        }),
      )
    }
    default:
      throw notSupported(`operator ${operator} between rows`, at.span)
  }
}

export function rowLengths(span: Span): QueryError {
  return new QueryError('SYNTAX_ERROR', 'unequal number of entries in row expressions', { span })
}

/** The operands of a chain of one operator, without recursing along its left spine. */
function flatten(ast: AstBinary, operator: 'and' | 'or'): readonly AstExpression[] {
  const operands: AstExpression[] = []
  const pending: AstExpression[] = [ast]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === 'binary' && next.operator === operator) pending.push(next.right, next.left)
    else operands.push(next)
  }
  return operands
}
