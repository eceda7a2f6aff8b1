import { spend } from '../../../base/budget.ts'
import { QueryError } from '../../../base/errors.ts'
import { formatDecimal } from '../format-values.ts'
import { negateNumeric } from '../numeric-arithmetic.ts'
import { parseNumeric } from '../parse-number.ts'
import { PathScanner, pathSyntaxError, type PathToken } from './scanner.ts'
import {
  isPredicate,
  methods,
  type ArithmeticOperator,
  type ItemRange,
  type JsonPath,
  type Level,
  type PathComparison,
  type PathItem,
  type PathStep,
  type PredicateStep,
} from './tree.ts'

/** Parentheses, filters and subscripts within each other. */
const DEPTH_MAX = 1_000
/** What reading a step costs, in steps of a budget. */
const STEP_STEPS = 16

/** Reads a path. Throws SYNTAX_ERROR as PostgreSQL does. */
export function readJsonPath(source: string): JsonPath {
  return new PathReader(source).read()
}

const otherWords =
  'is to lax flag last with exists starts strict unknown datetime like_regex'.split(' ')
const keywords: ReadonlySet<string> = new Set([...methods, ...otherWords])
/** Words that are keywords in small letters only. */
const constants: ReadonlySet<string> = new Set(['null', 'true', 'false'])

const comparisons: ReadonlyMap<string, PathComparison> = new Map([
  ['==', '=='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
])

const additive: ReadonlySet<string> = new Set(['+', '-'])
const multiplicative: ReadonlySet<string> = new Set(['*', '/', '%'])

class PathReader {
  readonly #source: string
  /** What is wrong with a path that reads well: told once all of it was read. */
  #misplaced: QueryError | undefined
  readonly #scanner: PathScanner
  #token: PathToken
  #depth = 0
  #filters = 0
  #subscripts = 0

  constructor(source: string) {
    this.#source = source
    this.#scanner = new PathScanner(source)
    this.#token = this.#scanner.next()
  }

  read(): JsonPath {
    if (this.#isAtEnd) {
      const message = `invalid input syntax for type jsonpath: "${this.#source}"`
      throw new QueryError('INVALID_TEXT_REPRESENTATION', message)
    }
    const isStrict = this.#accepts('strict')
    if (!isStrict) this.#accepts('lax')
    const root = this.#alternatives()
    if (!this.#isAtEnd) throw this.#fault()
    if (this.#misplaced !== undefined) throw this.#misplaced
    return { isStrict, root }
  }

  #fault(): QueryError {
    return pathSyntaxError(this.#token.shown)
  }

  get #isAtEnd(): boolean {
    return this.#token.kind === 'end'
  }

  #misplace(message: string): void {
    this.#misplaced ??= new QueryError('SYNTAX_ERROR', message)
  }

  #take(): PathToken {
    spend(STEP_STEPS)
    const token = this.#token
    this.#token = this.#scanner.next()
    return token
  }

  /** The keyword at hand, as it is written in the grammar. */
  get #word(): string | undefined {
    const { kind, text } = this.#token
    if (kind !== 'word') return undefined
    if (constants.has(text)) return text
    const word = text.toLowerCase()
    return keywords.has(word) ? word : undefined
  }

  #at(what: string): boolean {
    return this.#token.kind === 'symbol' ? this.#token.text === what : this.#word === what
  }

  #accepts(what: string): boolean {
    if (!this.#at(what)) return false
    this.#take()
    return true
  }

  #expect(what: string): void {
    if (!this.#accepts(what)) throw this.#fault()
  }

  #expectKind(kind: PathToken['kind']): string {
    if (this.#token.kind !== kind) throw this.#fault()
    return this.#take().text
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEPTH_MAX) {
      throw new QueryError('STATEMENT_TOO_COMPLEX', 'stack depth limit exceeded', {
        expected: `at most ${DEPTH_MAX} levels of a jsonpath`,
      })
    }
    const result = read()
    this.#depth--
    return result
  }

  // -------------------------------------------------------------- conditions
  /** Conditions with ||, or a value. */
  #alternatives(): PathItem {
    let left = this.#conjunction()
    while (this.#at('||')) left = this.#joined('or', left, () => this.#conjunction())
    return left
  }

  #conjunction(): PathItem {
    let left = this.#condition()
    while (this.#at('&&')) left = this.#joined('and', left, () => this.#condition())
    return left
  }

  #joined(kind: 'and' | 'or', left: PathItem, read: () => PathItem): PathItem {
    this.#checkCondition(left)
    this.#take()
    const right = read()
    this.#checkCondition(right)
    return { step: { kind, left, right } }
  }

  /** Throws for a value where a condition is to stand: the token behind it is what does not fit. */
  #checkCondition(item: PathItem): void {
    if (!isCondition(item)) throw this.#fault()
  }

  #checkValue(item: PathItem): void {
    if (isCondition(item)) throw this.#fault()
  }

  #condition(): PathItem {
    if (this.#accepts('!')) {
      const operand = this.#at('exists') ? this.#exists() : this.#parenthesizedCondition()
      return { step: { kind: 'not', operand } }
    }
    if (this.#at('exists')) return this.#exists()
    const left = this.#sum()
    if (isCondition(left)) return left
    const operator = this.#token.kind === 'symbol' ? comparisons.get(this.#token.text) : undefined
    if (operator !== undefined) {
      this.#take()
      const right = this.#sum()
      this.#checkValue(right)
      return { step: { kind: 'comparison', operator, left, right } }
    }
    if (this.#accepts('starts')) {
      this.#expect('with')
      return { step: { kind: 'starts with', left, right: { step: this.#initial() } } }
    }
    return this.#accepts('like_regex') ? { step: this.#likeRegex(left) } : left
  }

  #initial(): PathStep {
    const { kind } = this.#token
    if (kind === 'string') return { kind, text: this.#take().text }
    return { kind: 'variable', name: this.#expectKind('variable') }
  }

  #likeRegex(operand: PathItem): PredicateStep {
    const pattern = this.#expectKind('string')
    const given = this.#accepts('flag') ? this.#expectKind('string') : ''
    return { kind: 'like_regex', operand, pattern, flags: flagsOf(given) }
  }

  #exists(): PathItem {
    this.#take()
    this.#expect('(')
    const operand = this.#nested(() => this.#value())
    this.#expect(')')
    return { step: { kind: 'exists', operand } }
  }

  #parenthesizedCondition(): PathItem {
    this.#expect('(')
    const condition = this.#nested(() => this.#alternatives())
    this.#checkCondition(condition)
    this.#expect(')')
    return condition
  }

  // -------------------------------------------------------------- values
  #value(): PathItem {
    const value = this.#alternatives()
    this.#checkValue(value)
    return value
  }

  #sum(): PathItem {
    return this.#chain(additive, () => this.#chain(multiplicative, () => this.#signed()))
  }

  #chain(operators: ReadonlySet<string>, read: () => PathItem): PathItem {
    let left = read()
    while (this.#token.kind === 'symbol' && operators.has(this.#token.text)) {
      if (isCondition(left)) throw this.#fault()
      const operator = this.#take().text as ArithmeticOperator
      const right = read()
      this.#checkValue(right)
      left = { step: { kind: 'arithmetic', operator, left, right } }
    }
    return left
  }

  #signed(): PathItem {
    const operator = this.#at('+') ? '+' : this.#at('-') ? '-' : undefined
    if (operator === undefined) return this.#accessed()
    this.#take()
    const operand = this.#nested(() => this.#signed())
    this.#checkValue(operand)
    const { step, next } = operand
    if (step.kind !== 'number' || next !== undefined) {
      return { step: { kind: 'sign', operator, operand } }
    }
    return operator === '+' ? operand : { step: { kind: 'number', digits: negated(step.digits) } }
  }

  /** A value and its accessors, or a condition in parentheses. */
  #accessed(): PathItem {
    const isParenthesized = this.#at('(')
    const first = isParenthesized ? this.#parenthesized() : { step: this.#primary() }
    const steps: PathStep[] = []
    for (;;) {
      const step = this.#accessor()
      if (step === undefined) break
      steps.push(step)
    }
    if (steps.length > 0) return followedBy(first, steps)
    if (isParenthesized && isCondition(first) && this.#accepts('is')) {
      this.#expect('unknown')
      return { step: { kind: 'is unknown', operand: first } }
    }
    return first
  }

  #parenthesized(): PathItem {
    this.#take()
    const inner = this.#nested(() => this.#alternatives())
    this.#expect(')')
    return inner
  }

  #primary(): PathStep {
    const { kind, text } = this.#token
    if (kind === 'string') return { kind, text: this.#take().text }
    if (kind === 'variable') return { kind, name: this.#take().text }
    if (kind === 'decimal' || kind === 'integer') {
      const { unscaled, scale } = parseNumeric(text)
      this.#take()
      return { kind: 'number', digits: formatDecimal(unscaled, scale) }
    }
    if (this.#accepts('null')) return { kind: 'null' }
    if (this.#accepts('true')) return { kind: 'boolean', value: true }
    if (this.#accepts('false')) return { kind: 'boolean', value: false }
    if (this.#accepts('$')) return { kind: 'root' }
    if (this.#at('@')) {
      this.#take()
      if (this.#filters === 0) this.#misplace('@ is not allowed in root expressions')
      return { kind: 'current' }
    }
    if (!this.#at('last')) throw this.#fault()
    this.#take()
    if (this.#subscripts === 0) this.#misplace('LAST is allowed only in array subscripts')
    return { kind: 'last' }
  }

  // -------------------------------------------------------------- accessors
  #accessor(): PathStep | undefined {
    if (this.#accepts('.')) return this.#member()
    if (this.#accepts('[')) return this.#items()
    if (!this.#accepts('?')) return undefined
    this.#expect('(')
    this.#filters++
    const condition = this.#nested(() => this.#alternatives())
    this.#checkCondition(condition)
    this.#filters--
    this.#expect(')')
    return { kind: 'filter', condition }
  }

  #member(): PathStep {
    if (this.#accepts('*')) return { kind: 'any member' }
    if (this.#accepts('**')) return this.#levels()
    const { kind, text } = this.#token
    if (kind !== 'string' && kind !== 'word') throw this.#fault()
    const word = this.#word
    this.#take()
    if (kind === 'string' || !this.#at('(')) return { kind: 'member', name: text }
    const method = methods.find((name) => name === word)
    if (method === undefined && word !== 'datetime') throw this.#fault()
    this.#take()
    if (method === undefined) {
      const template = this.#token.kind === 'string' ? this.#take().text : undefined
      this.#expect(')')
      return { kind: 'datetime', template }
    }
    this.#expect(')')
    return { kind: 'method', name: method }
  }

  #levels(): PathStep {
    if (!this.#accepts('{')) return { kind: 'levels', first: 0, last: 'last' }
    const first = this.#level()
    const last = this.#accepts('to') ? this.#level() : first
    this.#expect('}')
    return { kind: 'levels', first, last }
  }

  #level(): Level {
    if (this.#accepts('last')) return 'last'
    const digits = this.#expectKind('integer')
    return Math.min(Number(digits), LEVEL_MAX)
  }

  #items(): PathStep {
    if (this.#accepts('*')) {
      this.#expect(']')
      return { kind: 'any item' }
    }
    this.#subscripts++
    const ranges: ItemRange[] = []
    do {
      const from = this.#nested(() => this.#value())
      const to = this.#accepts('to') ? this.#nested(() => this.#value()) : undefined
      ranges.push({ from, to })
    } while (this.#accepts(','))
    this.#subscripts--
    this.#expect(']')
    return { kind: 'items', ranges }
  }
}

/** INT_MAX: what PostgreSQL's pg_strtoint32 takes. */
const LEVEL_MAX = 2_147_483_647

/** Whether an item as a whole says true, false or unknown. */
function isCondition({ step, next }: PathItem): boolean {
  return next === undefined && isPredicate(step)
}

/** An item with more steps at its end. */
function followedBy(first: PathItem, steps: readonly PathStep[]): PathItem {
  const all: PathStep[] = []
  for (let item: PathItem | undefined = first; item !== undefined; item = item.next) {
    all.push(item.step)
  }
  const added = [...all, ...steps].reduceRight<PathItem | undefined>(
    (next, step) => ({ step, next }),
    undefined,
  )
  return added ?? first
}

function negated(digits: string): string {
  const { unscaled, scale } = negateNumeric(parseNumeric(digits))
  return formatDecimal(unscaled, scale)
}

/** The flags of like_regex. Throws for others, and for x without q, which PostgreSQL does not have either. */
function flagsOf(given: string): string {
  for (const letter of given) {
    if ('ismxq'.includes(letter)) continue
    throw new QueryError('SYNTAX_ERROR', 'invalid input syntax for type jsonpath', {
      detail: `Unrecognized flag character "${letter}" in LIKE_REGEX predicate.`,
    })
  }
  const flags = [...'ismxq'].filter((letter) => given.includes(letter)).join('')
  if (flags.includes('x') && !flags.includes('q')) {
    const message = 'XQuery "x" flag (expanded regular expressions) is not implemented'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  return flags
}
