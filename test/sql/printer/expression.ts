import { unreachable } from '../../../src/base/assert.ts'
import type {
  AstArray,
  AstBinary,
  AstCase,
  AstExpression,
  AstFunction,
  AstIntervalLiteral,
  AstLike,
  AstQuantified,
  AstColumns,
  AstStar,
  AstUnary,
  FrameBound,
  OrderItem,
  WindowFrame,
  WindowSpecification,
} from '../../../src/sql/ast/expression.ts'
import type { SelectStatement } from '../../../src/sql/ast/select.ts'
import { operatorPower, power } from '../../../src/sql/parser/operator-power.ts'
import { printIdentifier, printName, printNames, printString, printType } from './name.ts'

/** How a query prints, which the printing of expressions needs and cannot import. */
export type QueryPrinter = (query: SelectStatement) => string

/** Binds tighter than every operator. */
const atomic = 1000

/** Prints expressions of one statement. */
export class ExpressionPrinter {
  private readonly query: QueryPrinter

  constructor(query: QueryPrinter) {
    this.query = query
  }

  /** The expression, in parentheses unless it binds tighter than `bound`. */
  print(expr: AstExpression, bound: number = power.none): string {
    const text = this.plain(expr)
    return powerOf(expr) > bound ? text : `(${text})`
  }

  list(exprs: readonly AstExpression[]): string {
    return exprs.map((expr) => this.print(expr)).join(', ')
  }

  orderItems(items: readonly OrderItem[]): string {
    return items
      .map(({ expr, descending, nullsFirst }) => {
        const nulls = nullsFirst === undefined ? '' : nullsFirst ? ' nulls first' : ' nulls last'
        return `${this.print(expr)}${descending ? ' desc' : ''}${nulls}`
      })
      .join(', ')
  }

  window(spec: WindowSpecification): string {
    const parts = [
      spec.base === undefined ? '' : printIdentifier(spec.base),
      spec.partitionBy.length === 0 ? '' : `partition by ${this.list(spec.partitionBy)}`,
      spec.orderBy.length === 0 ? '' : `order by ${this.orderItems(spec.orderBy)}`,
      spec.frame === undefined ? '' : this.frame(spec.frame),
    ]
    return `(${parts.filter((part) => part !== '').join(' ')})`
  }

  /** An operand where PostgreSQL's grammar wants a b_expr or c_expr. */
  operand(expr: AstExpression): string {
    return this.print(expr, atomic - 1)
  }

  private plain(expr: AstExpression): string {
    switch (expr.kind) {
      case 'column':
        return printName(expr.name)
      case 'columns':
        return this.columns(expr)
      case 'star':
        return this.star(expr)
      case 'number':
        return expr.text
      case 'string':
        return printString(expr.value)
      case 'boolean':
        return String(expr.value)
      case 'null':
      case 'default':
        return expr.kind
      case 'typed-literal':
        return `${printType(expr.type)} ${printString(expr.value)}`
      case 'interval-literal':
        return printInterval(expr)
      case 'parameter':
        return `$${expr.index}`
      case 'unary':
        return this.unary(expr)
      case 'binary':
        return this.binary(expr)
      case 'quantified':
        return this.quantified(expr)
      case 'between':
        return this.between(expr)
      case 'in': {
        const list = expr.subquery === undefined ? this.list(expr.list!) : this.query(expr.subquery)
        const left = this.print(expr.arg, power.like - 1)
        return `${left} ${negation(expr.negated)}in (${list})`
      }
      case 'like':
        return this.like(expr)
      case 'is':
        return `${this.print(expr.arg, power.is)} is ${negation(expr.negated)}${expr.test}`
      case 'case':
        return this.caseOf(expr)
      case 'cast': {
        const name = expr.lenient ? 'try_cast' : 'cast'
        return `${name}(${this.print(expr.arg)} as ${printType(expr.type)})`
      }
      case 'function':
        return this.call(expr)
      case 'extract':
        return `extract(${printString(expr.field)} from ${this.print(expr.source)})`
      case 'subquery':
        return `(${this.query(expr.query)})`
      case 'exists':
        return `exists (${this.query(expr.query)})`
      case 'array':
        return this.array(expr)
      case 'row':
        return `row(${this.list(expr.items)})`
      default:
        return this.remaining(expr)
    }
  }

  private remaining(
    expr: Extract<
      AstExpression,
      {
        kind:
          | 'subscript'
          | 'field'
          | 'collate'
          | 'at-time-zone'
          | 'grouping'
          | 'named-argument'
          | 'variadic-argument'
          | 'composite-star'
      }
    >,
  ): string {
    switch (expr.kind) {
      case 'subscript': {
        const lower = expr.lower === undefined ? '' : this.print(expr.lower)
        const upper = expr.upper === undefined ? '' : this.print(expr.upper)
        const isApart = expr.arg.kind === 'subscript' && !expr.follows
        const base = isApart ? `(${this.plain(expr.arg)})` : this.base(expr.arg, true)
        return `${base}[${expr.slice ? `${lower} : ${upper}` : lower}]`
      }
      case 'field':
        return `${this.base(expr.arg, false)}.${printIdentifier(expr.name)}`
      case 'composite-star':
        return `${this.base(expr.arg, false)}.*`
      case 'collate':
        return `${this.print(expr.arg, power.collate - 1)} collate ${printName(expr.collation)}`
      case 'at-time-zone': {
        const arg = this.print(expr.arg, power.atTimeZone - 1)
        return `${arg} at time zone ${this.print(expr.zone, power.atTimeZone)}`
      }
      case 'grouping':
        return `grouping(${this.list(expr.args)})`
      case 'named-argument':
        return `${printIdentifier(expr.name)} => ${this.print(expr.value)}`
      case 'variadic-argument':
        return `variadic ${this.print(expr.value)}`
      default:
        return unreachable(expr)
    }
  }

  /** What subscripts and fields follow: a column of its own only before a subscript. */
  private base(expr: AstExpression, subscripted: boolean): string {
    const direct =
      expr.kind === 'subscript' ||
      expr.kind === 'field' ||
      expr.kind === 'parameter' ||
      (expr.kind === 'column' && subscripted)
    return direct ? this.print(expr) : `(${this.plain(expr)})`
  }

  private columns({ star, pattern, names }: AstColumns): string {
    const texts = names.map(({ text }) => printString(text)).join(', ')
    const list = names.length === 0 ? this.star(star) : `[${texts}]`
    return `columns(${pattern === undefined ? list : printString(pattern.text)})`
  }

  private star(expr: AstStar): string {
    const qualifier = expr.qualifier === undefined ? '' : `${printName(expr.qualifier)}.`
    const exclude = expr.exclude.length === 0 ? '' : ` exclude (${printNames(expr.exclude)})`
    const replaced = expr.replace.map(
      (item) => `${this.print(item.expr)} as ${printIdentifier(item.name)}`,
    )
    const replace = replaced.length === 0 ? '' : ` replace (${replaced.join(', ')})`
    const renamed = expr.rename.map(
      ({ name, to }) => `${printIdentifier(name)} as ${printIdentifier(to)}`,
    )
    const rename = renamed.length === 0 ? '' : ` rename (${renamed.join(', ')})`
    return `${qualifier}*${exclude}${replace}${rename}`
  }

  private unary({ operator, arg }: AstUnary): string {
    const bound = powerOfPrefix(operator)
    const operand = this.print(arg, bound - 1)
    return `${printOperator(operator)} ${operand}`
  }

  private binary(expr: AstBinary): string {
    const { operator, left, right } = expr
    const level = powerOfBinary(operator)
    const open = level === power.comparison || level === power.is
    const first = this.print(left, open ? level : level - 1)
    const symbol = operator.startsWith('is ') ? operator : printOperator(operator)
    return `${first} ${symbol} ${this.print(right, level)}`
  }

  private quantified(expr: AstQuantified): string {
    const level = powerOf(expr)
    const word = likeWords.get(expr.operator)
    const operator = word ?? printOperator(expr.operator)
    const inner = expr.right.kind === 'select' ? this.query(expr.right) : this.print(expr.right)
    return `${this.print(expr.left, level)} ${operator} ${expr.quantifier} (${inner})`
  }

  private between(expr: Extract<AstExpression, { kind: 'between' }>): string {
    const { arg, low, high, symmetric, negated } = expr
    const word = `${negation(negated)}between${symmetric ? ' symmetric' : ''}`
    const upper = this.print(high, power.like)
    return `${this.print(arg, power.like)} ${word} ${this.operand(low)} and ${upper}`
  }

  private like({ operator, arg, pattern, escape, negated }: AstLike): string {
    const word = operator === 'similar' ? 'similar to' : operator
    const tail = escape === undefined ? '' : ` escape ${this.print(escape, power.like)}`
    const left = this.print(arg, power.like)
    return `${left} ${negation(negated)}${word} ${this.print(pattern, power.like)}${tail}`
  }

  private caseOf({ operand, branches, otherwise }: AstCase): string {
    const head = operand === undefined ? 'case' : `case ${this.print(operand)}`
    const whens = branches.map(
      ({ when, then: result }) => ` when ${this.print(when)} then ${this.print(result)}`,
    )
    const tail = otherwise === undefined ? '' : ` else ${this.print(otherwise)}`
    return `${head}${whens.join('')}${tail} end`
  }

  private array({ items, query }: AstArray): string {
    if (query !== undefined) return `array(${this.query(query)})`
    return `array[${this.list(items ?? [])}]`
  }

  private call(expr: AstFunction): string {
    const special = this.specialCall(expr)
    if (special !== undefined) return special
    const quantifier = expr.distinct ? 'distinct ' : ''
    const order = expr.orderBy.length === 0 ? '' : ` order by ${this.orderItems(expr.orderBy)}`
    const args = expr.star ? '*' : `${quantifier}${this.list(expr.args)}${order}`
    const nulls = expr.nulls === undefined ? '' : ` ${expr.nulls} nulls`
    const within =
      expr.withinGroup === undefined
        ? ''
        : ` within group (order by ${this.orderItems(expr.withinGroup)})`
    const filter = expr.filter === undefined ? '' : ` filter (where ${this.print(expr.filter)})`
    return `${printName(expr.name)}(${args}${nulls})${within}${filter}${this.over(expr)}`
  }

  private over({ over }: AstFunction): string {
    if (over === undefined) return ''
    return ` over ${'kind' in over ? this.window(over) : printIdentifier(over)}`
  }

  /** Calls that PostgreSQL's grammar takes only in a form of their own. */
  private specialCall({ name, args }: AstFunction): string | undefined {
    const [part] = name.parts
    if (name.parts.length !== 1 || part === undefined || part.quoted) return undefined
    if (args.length === 0 && bareCalls.has(part.text)) return part.text
    const [first, second] = args
    if (first === undefined || second === undefined || args.length !== 2) return undefined
    if (part.text === 'position') {
      return `position(${this.operand(second)} in ${this.operand(first)})`
    }
    if (part.text === 'normalize' && second.kind === 'string') {
      return `normalize(${this.print(first)}, ${second.value})`
    }
    return undefined
  }

  private frame({ unit, start, end, exclude }: WindowFrame): string {
    const tail = exclude === 'no-others' ? '' : ` exclude ${exclude.replace('-', ' ')}`
    return `${unit} between ${this.bound(start)} and ${this.bound(end)}${tail}`
  }

  private bound({ kind, offset }: FrameBound): string {
    const words = kind.replace('-', ' ')
    return offset === undefined ? words : `${this.operand(offset)} ${words}`
  }
}

const bareCalls: ReadonlySet<string> = new Set([
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
  'current_role',
  'current_user',
  'session_user',
  'user',
  'current_catalog',
  'current_schema',
])

const likeWords: ReadonlyMap<string, string> = new Map([
  ['~~', 'like'],
  ['~~*', 'ilike'],
  ['!~~', 'not like'],
  ['!~~*', 'not ilike'],
])

function negation(negated: boolean): string {
  return negated ? 'not ' : ''
}

/** Operators of a schema need OPERATOR(); all others print as they are. */
function printOperator(operator: string): string {
  const dot = operator.indexOf('.')
  return dot > 0 ? `operator(${operator})` : operator
}

function printInterval({ value, fields, precision }: AstIntervalLiteral): string {
  const text = printString(value)
  if (fields === undefined) {
    return precision === undefined ? `interval ${text}` : `interval(${precision}) ${text}`
  }
  return `interval ${text} ${fields}${precision === undefined ? '' : `(${precision})`}`
}

function powerOfPrefix(operator: string): number {
  if (operator === 'not') return power.not
  return operator === '+' || operator === '-' ? power.sign : power.generic
}

function powerOfBinary(operator: string): number {
  if (operator === 'and') return power.and
  if (operator === 'or') return power.or
  return operator.startsWith('is ') ? power.is : operatorPower(operator)
}

/** How tightly the outermost operator of an expression binds. */
function powerOf(expr: AstExpression): number {
  switch (expr.kind) {
    case 'unary':
      return powerOfPrefix(expr.operator)
    case 'binary':
      return powerOfBinary(expr.operator)
    case 'quantified':
      return likeWords.has(expr.operator) ? power.like : operatorPower(expr.operator)
    case 'between':
    case 'in':
    case 'like':
      return power.like
    case 'is':
      return power.is
    case 'at-time-zone':
      return power.atTimeZone
    case 'collate':
      return power.collate
    default:
      return atomic
  }
}
