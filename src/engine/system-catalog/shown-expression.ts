import { quotedName } from '../../functions/text/names.ts'
import type { AstExpression, TypeName } from '../../sql/ast/expression.ts'

/** The type of a column as SQL writes it: without and with its length. */
export interface ShownColumnType {
  readonly plain: string
  readonly full: string
}

interface Printer {
  readonly source: string
  readonly columns: ReadonlyMap<string, ShownColumnType>
  /** Without the parentheses that nobody needs. */
  readonly isPretty: boolean
}

/** What an expression is to the one that it is a part of. */
type Inside = 'nothing' | 'operator' | 'and' | 'or' | 'cast'

/**
 * An expression of a definition as PostgreSQL gives it back: what it was bound to, every literal with its type.
 * `target`: of the column that it is a default of. What is seldom in definitions is given back as it was written.
 */
export function shownExpression(
  ast: AstExpression,
  source: string,
  columns: ReadonlyMap<string, ShownColumnType>,
  target: ShownColumnType | undefined,
): string {
  const printer = { source, columns, isPretty: false }
  return print(printer, ast, target?.plain, 'nothing')
}

/** A text of {@link shownExpression} without the parentheses that nobody needs. */
export function prettyExpression(ast: AstExpression, source: string): string {
  return print({ source, columns: new Map(), isPretty: true }, ast, undefined, 'nothing')
}

/** Names of the columns that an expression reads. */
export function columnsIn(ast: AstExpression): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    if ('kind' in part && part.kind === 'column') {
      const { name } = part as Extract<AstExpression, { kind: 'column' }>
      names.add(name.parts.at(-1)?.text ?? '')
    }
    for (const value of Object.values(part)) visit(value)
  }
  visit(ast)
  return names
}

/** `wanted`: the type that a literal takes. */
function print(
  printer: Printer,
  ast: AstExpression,
  wanted: string | undefined,
  inside: Inside,
): string {
  switch (ast.kind) {
    case 'column':
      return quotedName(ast.name.parts.at(-1)?.text ?? '')
    case 'number':
      return ast.text
    case 'string':
      return `${literalText(ast.value)}::${wanted ?? 'text'}`
    case 'boolean':
      return String(ast.value)
    case 'null':
      return wanted === undefined ? 'NULL' : `NULL::${wanted}`
    case 'typed-literal':
      return `${literalText(ast.value)}::${typeText(ast.type)}`
    case 'unary':
      return printUnary(printer, ast, wanted, inside)
    case 'binary':
      return printBinary(printer, ast, wanted, inside)
    case 'between':
      return printBetween(printer, ast, inside)
    case 'in':
      return printIn(printer, ast, inside)
    case 'like':
      return printLike(printer, ast, inside)
    case 'is':
      return printIs(printer, ast, inside)
    case 'cast':
      return printCast(printer, ast)
    case 'function':
      return printCall(printer, ast, wanted)
    case 'array':
      if (ast.items === undefined) break
      return `ARRAY[${ast.items.map((item) => print(printer, item, elementOf(wanted), 'nothing')).join(', ')}]`
    case 'quantified':
      return printQuantified(printer, ast, inside)
    case 'star':
    case 'columns':
    case 'interval-literal':
    case 'parameter':
    case 'case':
    case 'extract':
    case 'subquery':
    case 'exists':
    case 'row':
    case 'subscript':
    case 'field':
    case 'collate':
    case 'at-time-zone':
    case 'grouping':
    case 'named-argument':
    case 'variadic-argument':
    case 'composite-star':
    case 'default':
      break
  }
  return printer.source.slice(ast.span.start, ast.span.end)
}

function elementOf(type: string | undefined): string | undefined {
  return type?.endsWith('[]') === true ? type.slice(0, -2) : type
}

export function literalText(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`
  return value.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

const typeWords: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  varchar: 'character varying',
  bpchar: 'character',
  varbit: 'bit varying',
  time: 'time without time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  timetz: 'time with time zone',
}

function typeText({ name, modifiers, arrayDimensions }: TypeName): string {
  const isChar = name === 'bpchar' && modifiers.length === 0
  const word = isChar ? 'bpchar' : (typeWords[name] ?? name)
  const own = modifiers.length === 0 ? '' : `(${modifiers.join()})`
  const [head = '', ...behind] = word.split(/ (?=with)/)
  const shown = own === '' ? word : [`${head}${own}`, ...behind].join(' ')
  return `${shown}${arrayDimensions > 0 ? '[]' : ''}`
}

type Part<K extends AstExpression['kind']> = Extract<AstExpression, { readonly kind: K }>

function printUnary(
  printer: Printer,
  { operator, arg }: Part<'unary'>,
  wanted: string | undefined,
  inside: Inside,
): string {
  if (operator === '-' && arg.kind === 'number') {
    const type = wanted === undefined || !integers.has(wanted) ? numberType(arg.text) : wanted
    return `'-${arg.text}'::${type}`
  }
  if (operator === 'not') {
    const shown = `NOT ${print(printer, arg, undefined, 'operator')}`
    return printer.isPretty && inside !== 'operator' ? shown : `(${shown})`
  }
  const shown = `${operator} ${print(printer, arg, wanted, 'operator')}`
  return wrapped(printer, shown, inside)
}

const integers: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint', 'numeric'])

function numberType(text: string): string {
  if (!/^\d+$/.test(text)) return 'numeric'
  return Number(text) <= 0x7fff_ffff ? 'integer' : 'bigint'
}

/** In parentheses where an operator stands around it, or always. */
function wrapped({ isPretty }: Printer, shown: string, inside: Inside): string {
  return isPretty && inside !== 'operator' && inside !== 'cast' ? shown : `(${shown})`
}

const low: ReadonlySet<string> = new Set(['+', '-'])
const high: ReadonlySet<string> = new Set(['*', '/', '%'])

function printBinary(
  printer: Printer,
  ast: Part<'binary'>,
  wanted: string | undefined,
  inside: Inside,
): string {
  const { operator } = ast
  if (operator === 'and' || operator === 'or') return printJunction(printer, ast, inside)
  const [left, right] = [typeOf(printer, ast.left), typeOf(printer, ast.right)]
  const isDistinct = operator.startsWith('is ')
  const common = left ?? right ?? (comparisons.has(operator) ? undefined : wanted)
  const side = (part: AstExpression, isRight: boolean): string => {
    const isExact = part.kind === 'number' && /^\d+$/.test(part.text)
    const cast = isExact && common !== undefined ? casts[common] : undefined
    if (cast !== undefined) return `(${part.kind === 'number' ? part.text : ''})::${cast}`
    const shown = asText(printer, part, comparedAs(common))
    if (shown !== undefined) return shown
    const isBare =
      printer.isPretty && part.kind === 'binary' && bindsCloser(part, operator, isRight)
    return print(printer, part, comparedAs(common), isBare ? 'nothing' : 'operator')
  }
  const symbol = isDistinct ? operator.toUpperCase() : operator
  return wrapped(printer, `${side(ast.left, false)} ${symbol} ${side(ast.right, true)}`, inside)
}

/** What an integer is brought to beside a value of a type that has no operators with integers. */
const casts: Readonly<Record<string, string>> = {
  numeric: 'numeric',
  'double precision': 'double precision',
  real: 'double precision',
}

const comparisons: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='])

/** Whether arithmetic needs no parentheses: what is multiplied within sums, and what stands on the left. */
function bindsCloser({ operator }: Part<'binary'>, around: string, isRight: boolean): boolean {
  if (low.has(around)) return high.has(operator) || (low.has(operator) && !isRight)
  return high.has(around) && high.has(operator) && !isRight
}

/** character varying is compared as text. */
function comparedAs(type: string | undefined): string | undefined {
  return type === 'character varying' ? 'text' : type === 'character' ? 'bpchar' : type
}

/** A column of character varying where text is wanted; undefined for all else. */
function asText(
  printer: Printer,
  ast: AstExpression,
  wanted: string | undefined,
): string | undefined {
  if (wanted !== 'text' || ast.kind !== 'column') return undefined
  const name = ast.name.parts.at(-1)?.text ?? ''
  if (printer.columns.get(name)?.plain !== 'character varying') return undefined
  return printer.isPretty ? `${quotedName(name)}::text` : `(${quotedName(name)})::text`
}

/** The type that an expression has by itself, as far as that is easily told. */
function typeOf(printer: Printer, ast: AstExpression): string | undefined {
  if (ast.kind === 'cast') return typeText(ast.type)
  if (ast.kind === 'column') return printer.columns.get(ast.name.parts.at(-1)?.text ?? '')?.plain
  if (ast.kind === 'function') return callTypes[ast.name.parts.at(-1)?.text ?? '']
  return undefined
}

const callTypes: Readonly<Record<string, string>> = {
  lower: 'text',
  upper: 'text',
  btrim: 'text',
  now: 'timestamp with time zone',
  current_date: 'date',
  current_timestamp: 'timestamp with time zone',
}

function printJunction(printer: Printer, ast: Part<'binary'>, inside: Inside): string {
  const own = ast.operator === 'and' ? 'and' : 'or'
  const parts: string[] = []
  const add = (part: AstExpression): void => {
    if (part.kind === 'binary' && part.operator === own) {
      add(part.left)
      add(part.right)
    } else parts.push(print(printer, part, undefined, own))
  }
  add(ast)
  const shown = parts.join(` ${own.toUpperCase()} `)
  const isBare = printer.isPretty && (inside === 'nothing' || (own === 'and' && inside === 'or'))
  return isBare ? shown : `(${shown})`
}

function printBetween(printer: Printer, ast: Part<'between'>, inside: Inside): string {
  const { arg, low: from, high: to, negated, symmetric, span, operatorSpan } = ast
  if (symmetric) return printer.source.slice(span.start, span.end)
  const side = (operator: string, right: AstExpression): Part<'binary'> => ({
    kind: 'binary',
    operator,
    operatorSpan,
    left: arg,
    right,
    span,
  })
  const [first, second] = negated ? ['<', '>'] : ['>=', '<=']
  const both: Part<'binary'> = {
    kind: 'binary',
    operator: negated ? 'or' : 'and',
    operatorSpan,
    left: side(first, from),
    right: side(second, to),
    span,
  }
  return printJunction(printer, both, inside)
}

function printIn(printer: Printer, ast: Part<'in'>, inside: Inside): string {
  const { arg, list, negated, span } = ast
  if (list === undefined) return printer.source.slice(span.start, span.end)
  const type = typeOf(printer, arg)
  const items = list.map((item) => print(printer, item, type, 'nothing')).join(', ')
  const operator = negated ? '<> ALL' : '= ANY'
  const isVarying = type === 'character varying'
  const left = (isVarying && asText(printer, arg, 'text')) || print(printer, arg, type, 'operator')
  const array = isVarying ? `(ARRAY[${items}])::text[]` : `ARRAY[${items}]`
  return wrapped(printer, `${left} ${operator} (${array})`, inside)
}

const likeOperators = { like: '~~', ilike: '~~*' } as const

function printLike(printer: Printer, ast: Part<'like'>, inside: Inside): string {
  const { operator, arg, pattern, escape, negated, span } = ast
  if (operator === 'similar' || escape !== undefined) {
    return printer.source.slice(span.start, span.end)
  }
  const symbol = `${negated ? '!' : ''}${likeOperators[operator]}`
  const left = asText(printer, arg, 'text') ?? print(printer, arg, 'text', 'operator')
  return wrapped(
    printer,
    `${left} ${symbol} ${print(printer, pattern, 'text', 'operator')}`,
    inside,
  )
}

function printIs(printer: Printer, { arg, test, negated }: Part<'is'>, inside: Inside): string {
  const shown = `${print(printer, arg, undefined, 'operator')} IS ${negated ? 'NOT ' : ''}${test.toUpperCase()}`
  return wrapped(printer, shown, inside)
}

function printCast(printer: Printer, { arg, type }: Part<'cast'>): string {
  const name = typeText(type)
  if (arg.kind === 'string') return `${literalText(arg.value)}::${name}`
  if (arg.kind === 'null') return `NULL::${name}`
  const shown = print(printer, arg, undefined, printer.isPretty ? 'cast' : 'nothing')
  return printer.isPretty && (arg.kind !== 'array' || shown.startsWith('('))
    ? `${shown}::${name}`
    : `(${shown})::${name}`
}

/** Calls that SQL writes as words. */
const words: ReadonlySet<string> = new Set([
  'current_date',
  'current_timestamp',
  'current_time',
  'localtime',
  'localtimestamp',
  'current_user',
  'session_user',
  'current_role',
  'current_catalog',
  'current_schema',
])

function printCall(printer: Printer, ast: Part<'function'>, wanted: string | undefined): string {
  const name = ast.name.parts.at(-1)?.text ?? ''
  const isWord = ast.args.length === 0 && words.has(name)
  const written = printer.source.slice(ast.span.start, ast.span.end)
  if (isWord && !written.includes('(')) return name.toUpperCase()
  const isForm = name === 'coalesce' || name === 'nullif' || name === 'greatest' || name === 'least'
  const known = ast.args.map((arg) => typeOf(printer, arg)).find((type) => type !== undefined)
  const type = isForm ? (known ?? wanted) : undefined
  const args = ast.args.map((arg) => {
    const isSequence = arg.kind === 'string' && sequences.has(name)
    return (
      asText(printer, arg, isForm ? type : 'text') ??
      print(printer, arg, isSequence ? 'regclass' : type, 'nothing')
    )
  })
  return `${isForm ? name.toUpperCase() : quotedName(name)}(${args.join(', ')})`
}

const sequences: ReadonlySet<string> = new Set(['nextval', 'currval', 'setval'])

function printQuantified(printer: Printer, ast: Part<'quantified'>, inside: Inside): string {
  const { right, left, operator, quantifier, subquery, span } = ast
  if (subquery || right.kind === 'select') return printer.source.slice(span.start, span.end)
  const type = typeOf(printer, left)
  const array = print(printer, right as AstExpression, type && `${type}[]`, 'nothing')
  const shown = `${print(printer, left, type, 'operator')} ${operator} ${quantifier.toUpperCase()} (${array})`
  return wrapped(printer, shown, inside)
}
