import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { assert, unreachable } from '../../base/assert.ts'
import { NODE_STEPS, spend } from '../../base/budget.ts'
import { isIntegerLike } from '../../data/types/catalogue.ts'
import {
  arrayOf,
  decimal,
  isPlainKind,
  plainType,
  recordOf,
  typeKey,
  type DataType,
} from '../../data/types/data-type.ts'
import type {
  Call,
  ColumnId,
  ColumnReference,
  Expression,
  Literal,
} from '../../plan/logical/expression.ts'
import { literalFormOf } from '../expressions/literal-forms.ts'
import { rangeAround } from './value-ranges.ts'
import { operatorOf } from '../../plan/logical/predicates.ts'

/**
 * What happens to a value, and so what code must know of it. `moved`: nothing but its type; `compared`:
 * of decimals, their size, which decides whether they are scaled in 64 bits; `computed`: its rough
 * range; `kept`: a literal is a part of the code.
 */
type Use = 'moved' | 'compared' | 'computed' | 'kept'

/**
 * Rewrites the expressions of one pipeline so that they tell only what code may depend on: columns are
 * numbered in the order in which they are met, literals become parameters, names and spans go. What
 * was taken out is listed, in an order that the rewritten form alone decides.
 */
export class ExpressionCanonicalizer {
  readonly #definitions: ReadonlyMap<ColumnId, Expression>
  readonly #numbers = new Map<ColumnId, ColumnId>()
  /** The projections that are read, under their new numbers. */
  readonly definitions = new Map<ColumnId, Expression>()
  /** Values of the parameters, and what is known of them. */
  readonly literals: Literal[] = []
  readonly ranges: (ValueBounds | undefined)[] = []
  /** Columns, by their numbers, of whose values the code must know the bounds. */
  readonly computed = new Set<ColumnId>()
  /** Each rewritten expression, and at the same position the one that it stands for. */
  readonly nodes: Expression[] = []
  readonly origins: Expression[] = []

  constructor(definitions: ReadonlyMap<ColumnId, Expression>) {
    this.#definitions = definitions
  }

  number(id: ColumnId): ColumnId {
    const known = this.#numbers.get(id)
    if (known !== undefined) return known
    const number = this.#numbers.size as ColumnId
    this.#numbers.set(id, number)
    return number
  }

  expression(expr: Expression, use: Use = 'moved'): Expression {
    spend(NODE_STEPS)
    const at = this.origins.push(expr) - 1
    this.nodes.push(expr)
    const rewritten = this.#rewrite(expr, use)
    this.nodes[at] = rewritten
    return rewritten
  }

  expressions(exprs: readonly Expression[], use?: Use): readonly Expression[] {
    return exprs.map((expr) => this.expression(expr, use))
  }

  optional(expr: Expression | undefined): Expression | undefined {
    return expr === undefined ? undefined : this.expression(expr)
  }

  #rewrite(expr: Expression, use: Use): Expression {
    const type = sharedType(expr.type)
    switch (expr.kind) {
      case 'column':
        return { kind: 'column', type, id: this.#column(expr, use), name: '' }
      case 'literal':
        return this.#literal(expr, type, use)
      case 'call': {
        const uses = argumentUses(expr)
        const args = expr.args.map((arg, at) => this.expression(arg, uses[Math.min(at, 1)]))
        return { kind: 'call', type, fn: expr.fn, args }
      }
      case 'cast': {
        const arg = this.expression(expr.arg, 'computed')
        return { kind: 'cast', type, arg, lenient: expr.lenient }
      }
      case 'case': {
        const branches = expr.branches.map(({ when, then }) => ({
          when: this.expression(when),
          then: this.expression(then, use),
        }))
        return { kind: 'case', type, branches, otherwise: this.expression(expr.otherwise, use) }
      }
      case 'and':
      case 'or':
        return { kind: expr.kind, type, args: this.expressions(expr.args) }
      case 'in-list': {
        const arg = this.expression(expr.arg, 'compared')
        return { kind: 'in-list', type, arg, list: this.expressions(expr.list, 'compared') }
      }
      case 'in-set': {
        // The members are the run's, as literals are.
        const arg = this.expression(expr.arg, 'compared')
        return { kind: 'in-set', type, arg, values: [], hasNull: expr.hasNull }
      }
      case 'let': {
        const bindings = expr.bindings.map(({ id, value }) => ({
          id: this.number(id),
          value: this.expression(value, 'computed'),
        }))
        return { kind: 'let', type, bindings, body: this.expression(expr.body, use) }
      }
      case 'parameter':
      case 'subquery':
        return assert(false, `${expr.kind} in a pipeline`) as never
      default:
        return unreachable(expr)
    }
  }

  #column({ id, type }: ColumnReference, use: Use): ColumnId {
    const number = this.number(id)
    const definition = this.#definitions.get(id)
    if (needsRange(type, use)) this.#markComputed(id, use)
    if (definition === undefined || this.definitions.has(number)) return number
    // Entered before its parts are, so that definitions stand in the order in which they are met.
    this.definitions.set(number, definition)
    this.definitions.set(number, this.expression(definition, use))
    return number
  }

  /** A column that is computed with, and those that its projection passes on. */
  #markComputed(id: ColumnId, use: Use): void {
    const number = this.number(id)
    if (this.computed.has(number)) return
    this.computed.add(number)
    const visit = (expr: Expression): void => {
      if (expr.kind === 'column') this.#markComputed(expr.id, use)
      else if (expr.kind === 'case') {
        for (const { then } of expr.branches) visit(then)
        visit(expr.otherwise)
      }
    }
    const definition = this.#definitions.get(id)
    if (definition !== undefined) visit(definition)
  }

  #literal(expr: Literal, type: DataType, use: Use): Expression {
    const { value } = expr
    // NULL and truth values decide which code there is at all.
    if (use === 'kept' || value === null || typeof value === 'boolean') {
      return { kind: 'literal', type, value }
    }
    this.ranges.push(knownRange(expr, use))
    return { kind: 'parameter', type, index: this.literals.push(expr) - 1 }
  }
}

/** What happens to the first argument of a call, and to the others. */
function argumentUses(expr: Call): readonly [Use, Use] {
  // The kind of a pattern, the field of a date: each has code of its own.
  if (literalFormOf(expr) !== undefined) return ['kept', 'kept']
  if (operatorOf(expr) !== undefined) return ['compared', 'compared']
  // Division by a constant integer is compiled to a multiplication, several times as fast.
  if (expr.fn.divides === true) return ['computed', 'kept']
  return ['computed', 'computed']
}

function needsRange(type: DataType, use: Use): boolean {
  if (use === 'moved') return false
  return use !== 'compared' || type.kind === 'decimal'
}

function knownRange({ type, value }: Literal, use: Use): ValueBounds | undefined {
  // A wide decimal that fits in 64 bits is one lane.
  if (!needsRange(type, use) && type.kind !== 'decimal') return undefined
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  return isIntegerLike(type) ? rangeAround(BigInt(value), type) : undefined
}

const sharedTypes = new Map<string, DataType>()

/** Decimals and arrays are fewer; of rows there may be any number. */
const SHARED_TYPES_MAX = 10_000

/** One object for all types that are equal: code may go by identity. */
export function sharedType(type: DataType): DataType {
  const name = isPlainKind(type.kind) ? type.kind : typeKey(type)
  const known = sharedTypes.get(name)
  if (known !== undefined) return known
  const shared = unadorned(type)
  if (sharedTypes.size < SHARED_TYPES_MAX) sharedTypes.set(name, shared)
  return shared
}

/** Nothing but what types say. */
function unadorned(type: DataType): DataType {
  if (type.kind === 'decimal') return decimal(type.precision, type.scale)
  if (type.kind === 'enum' || type.kind === 'reg') return type
  if (type.kind === 'record') return recordOf(type.fields, type.name, type.id)
  if ('of' in type) return { kind: type.kind, of: type.of }
  if (type.kind !== 'array') return plainType(type.kind)
  return type.vector ? type : arrayOf(type.element)
}
