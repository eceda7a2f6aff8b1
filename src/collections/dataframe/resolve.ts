import { unreachable } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import * as types from '../../data/types/data-type.ts'
import { didYouMean } from '../../plan/catalog/suggest.ts'
import {
  and,
  caseOf,
  columnReference,
  literal,
  or,
  type ColumnIds,
} from '../../plan/logical/build.ts'
import type { AggregateCall, Expression, SortKey } from '../../plan/logical/expression.ts'
import type { OutputColumn } from '../../plan/logical/relation.ts'
import { typedAggregateCall } from '../../plan/logical/typed-aggregate.ts'
import type { FrameCall, FrameExpression, FrameSortKey, FrameValue } from './expression.ts'
import { typedMembership } from '../../plan/logical/membership.ts'
import type { Typing } from '../../plan/logical/typing.ts'
import {
  castExplicitly,
  coerceToBoolean,
  settle,
  typedCall,
  unify,
} from '../../plan/logical/typing.ts'

/** What windows give, by the expressions that ask for it. */
export type WindowColumns = ReadonlyMap<FrameExpression, Expression>
const noWindows: WindowColumns = new Map()

/** Binds a frame expression to columns: names, overloads and casts, by SQL's rules. */
export function resolve(
  node: FrameExpression,
  columns: readonly OutputColumn[],
  typing: Typing,
  windows: WindowColumns = noWindows,
): Expression {
  const to = (part: FrameExpression): Expression => resolve(part, columns, typing, windows)
  switch (node.kind) {
    case 'column':
      return columnReference(findColumn(node.name, columns))
    case 'value':
      return constant(node.value)
    case 'call':
      return typedCall(typing, node.name, node.args.map(to))
    case 'and':
    case 'or': {
      const args = node.args.map((arg) => coerceToBoolean(typing, to(arg), node.kind.toUpperCase()))
      return node.kind === 'and' ? and(args) : or(args)
    }
    case 'cast':
      return castExplicitly(typing, to(node.arg), node.type)
    case 'in': {
      const list = node.list.map(to)
      const arg = to(node.arg)
      return (
        typedMembership(typing, arg, list) ??
        or(list.map((member) => typedCall(typing, '=', [arg, member])))
      )
    }
    case 'case':
      return resolveCase(node, typing, to)
    case 'over': {
      const found = windows.get(node)
      if (found !== undefined) return found
      const message =
        'window functions are allowed in select and withColumns only, not in each other'
      throw new QueryError('WINDOWING_ERROR', message)
    }
    default:
      return unreachable(node)
  }
}

/** The expressions that one is made of; what windows are over is not among them. */
export function partsOf(node: FrameExpression): readonly FrameExpression[] {
  switch (node.kind) {
    case 'column':
    case 'value':
    case 'over':
      return []
    case 'call':
    case 'and':
    case 'or':
      return node.args
    case 'cast':
      return [node.arg]
    case 'in':
      return [node.arg, ...node.list]
    case 'case':
      return [...node.branches.flatMap(({ when, result }) => [when, result]), node.otherwise]
    default:
      return unreachable(node)
  }
}

export function resolveAggregateCall(
  ids: ColumnIds,
  name: string,
  { name: fn, args, isDistinct, filter, orderBy, within }: FrameCall,
  columns: readonly OutputColumn[],
  typing: Typing,
): AggregateCall {
  const parts = {
    args: args.map((arg) => resolve(arg, columns, typing)),
    distinct: isDistinct,
    filter: filter && coerceToBoolean(typing, resolve(filter, columns, typing), 'FILTER'),
    within: within?.map(({ column, ...order }) => {
      return { ...order, expr: resolve(column.node, columns, typing) }
    }),
    orderBy: resolveKeys(orderBy, columns, typing),
  }
  return { ...typedAggregateCall(typing, ids, fn, parts), id: ids.next(), name }
}

/** What rows are sorted by. */
export function resolveKeys(
  keys: readonly FrameSortKey[],
  columns: readonly OutputColumn[],
  typing: Typing,
): readonly SortKey[] {
  return keys.map(({ column, ...order }) => ({
    expr: settle(typing, resolve(column.node, columns, typing)),
    ...order,
  }))
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

function resolveCase(
  node: Extract<FrameExpression, { kind: 'case' }>,
  typing: Typing,
  to: (part: FrameExpression) => Expression,
): Expression {
  const conditions = node.branches.map((branch) =>
    coerceToBoolean(typing, to(branch.when), 'CASE/WHEN'),
  )
  // In SQL's order, which decides the type where there is a choice.
  const [otherwise, ...thens] = unify(
    typing,
    [node.otherwise, ...node.branches.map(({ result }) => result)].map(to),
    'CASE',
  )
  const branches = conditions.map((condition, i) => ({ when: condition, then: thens[i]! }))
  return caseOf(branches, otherwise!)
}

function constant(value: FrameValue): Expression {
  if (value === null || typeof value === 'string') return literal(value, types.unknown)
  if (typeof value === 'boolean') return literal(value, types.bool)
  if (typeof value === 'bigint') return literal(value, types.int8)
  if (!Number.isInteger(value)) return literal(value, types.float8)
  return Math.abs(value) < 2 ** 31 ? literal(value, types.int4) : literal(BigInt(value), types.int8)
}
