import { unreachable } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { castKind, commonType } from '../../data/types/coercion.ts'
import * as types from '../../data/types/data-type.ts'
import type { DigitBudget } from '../../data/types/digit-budget.ts'
import { typeName, type DataType } from '../../data/types/data-type.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import { resolveAggregate, resolveScalar } from '../../functions/catalogue.ts'
import { isResolved, resolutionError } from '../../functions/resolve.ts'
import { didYouMean } from '../../plan/catalog/suggest.ts'
import { call, castTo, columnReference, literal, type ColumnIds } from '../../plan/logical/build.ts'
import type { AggregateCall, Expression } from '../../plan/logical/expression.ts'
import type { OutputColumn } from '../../plan/logical/relation.ts'
import type { FrameAggregate, FrameExpression, FrameValue } from './expression.ts'

/** Binds a frame expression to columns: names, overloads and casts, by SQL's rules. */
export function resolve(
  node: FrameExpression,
  columns: readonly OutputColumn[],
  digits: DigitBudget,
): Expression {
  switch (node.kind) {
    case 'column':
      return columnReference(findColumn(node.name, columns))
    case 'value':
      return constant(node.value)
    case 'call':
      return resolveCall(
        node.name,
        node.args.map((arg) => resolve(arg, columns, digits)),
        digits,
      )
    case 'and':
    case 'or': {
      const args = node.args.map((arg) => coerce(resolve(arg, columns, digits), types.bool))
      return { kind: node.kind, args, type: types.bool }
    }
    case 'cast':
      return coerceExplicitly(resolve(node.arg, columns, digits), node.type)
    case 'in': {
      const args = [node.arg, ...node.list].map((arg) => resolve(arg, columns, digits))
      const [arg, ...list] = alike(args, digits)
      return { kind: 'in-list', arg: arg!, list, type: types.bool }
    }
    case 'case':
      return resolveCase(node, columns, digits)
    default:
      return unreachable(node)
  }
}

export function resolveAggregateCall(
  ids: ColumnIds,
  name: string,
  { name: fn, args, distinct }: FrameAggregate,
  columns: readonly OutputColumn[],
  digits: DigitBudget,
): AggregateCall {
  const resolved = args.map((arg) => resolve(arg, columns, digits))
  const argTypes = resolved.map(({ type }) => type)
  const resolution = resolveAggregate(fn, argTypes, digits)
  if (!isResolved(resolution)) throw resolutionError(fn, argTypes, resolution)
  return {
    id: ids.next(),
    name,
    type: resolution.resultType,
    fn: resolution.fn.id,
    args: resolved.map((arg, i) => coerce(arg, resolution.argTypes[i] ?? arg.type)),
    distinct,
  }
}

/** The column of a name; of equal names none, as the choice would be a guess. */
export function findColumn(name: string, columns: readonly OutputColumn[]): OutputColumn {
  const found = columns.filter((column) => column.name === name)
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    throw new QueryError('AMBIGUOUS_COLUMN', `column reference "${name}" is ambiguous`, {
      hint: 'Select and rename columns before the join.',
    })
  }
  const names = columns.map((column) => column.name)
  throw new QueryError('UNDEFINED_COLUMN', `column "${name}" does not exist`, {
    expected: `one of ${names.join(', ')}`,
    ...didYouMean(name, names),
  })
}

/** A call by SQL's rules of overloads and casts. */
export function resolveCall(
  name: string,
  args: readonly Expression[],
  digits: DigitBudget,
): Expression {
  const argTypes = args.map(({ type }) => type)
  const resolution = resolveScalar(name, argTypes, digits)
  if (!isResolved(resolution)) throw resolutionError(name, argTypes, resolution)
  const coerced = args.map((arg, i) => coerce(arg, resolution.argTypes[i] ?? arg.type))
  return call(resolution.fn.id, coerced, resolution.resultType)
}

function resolveCase(
  node: Extract<FrameExpression, { kind: 'case' }>,
  columns: readonly OutputColumn[],
  digits: DigitBudget,
): Expression {
  const conditions = node.branches.map((branch) =>
    coerce(resolve(branch.when, columns, digits), types.bool),
  )
  const results = alike(
    [...node.branches.map(({ result }) => result), node.otherwise].map((result) =>
      resolve(result, columns, digits),
    ),
    digits,
  )
  const otherwise = results.at(-1)!
  const branches = conditions.map((condition, i) => ({ when: condition, then: results[i]! }))
  return { kind: 'case', branches, otherwise, type: otherwise.type }
}

/** Expressions cast to the type that UNION or CASE would give them. */
function alike(args: readonly Expression[], digits: DigitBudget): readonly Expression[] {
  const type = commonType(
    args.map((arg) => arg.type),
    digits,
  )
  if (type === undefined) {
    throw new QueryError('DATATYPE_MISMATCH', 'values of different types', {
      found: args.map((arg) => typeName(arg.type)).join(', '),
    })
  }
  return args.map((arg) => coerce(arg, type))
}

function constant(value: FrameValue): Expression {
  if (value === null || typeof value === 'string') return literal(value, types.unknown)
  if (typeof value === 'boolean') return literal(value, types.bool)
  if (typeof value === 'bigint') return literal(value, types.int8)
  if (!Number.isInteger(value)) return literal(value, types.float8)
  return Math.abs(value) < 2 ** 31 ? literal(value, types.int4) : literal(BigInt(value), types.int8)
}

function coerce(expr: Expression, type: DataType): Expression {
  if (expr.kind === 'literal' && expr.type.kind === 'unknown') {
    return literal(typeof expr.value === 'string' ? parseScalar(expr.value, type) : null, type)
  }
  if (types.sameType(expr.type, type)) return expr
  if (castKind(expr.type, type) === 'implicit') return castTo(expr, type)
  throw new QueryError('DATATYPE_MISMATCH', 'an expression has the wrong type', {
    expected: typeName(type),
    found: typeName(expr.type),
  })
}

function coerceExplicitly(expr: Expression, type: DataType): Expression {
  if (expr.kind === 'literal' && expr.type.kind === 'unknown') return coerce(expr, type)
  if (types.sameType(expr.type, type) || castKind(expr.type, type) !== undefined) {
    return castTo(expr, type)
  }
  throw new QueryError(
    'CANNOT_COERCE',
    `cannot cast type ${typeName(expr.type)} to ${typeName(type)}`,
  )
}
