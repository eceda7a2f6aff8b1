import { unreachable } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import * as types from '../../data/types/data-type.ts'
import { isOrderedSet, withinGroupRequired } from '../../functions/aggregates/ordered-sets.ts'
import { didYouMean } from '../../plan/catalog/suggest.ts'
import {
  and,
  caseOf,
  columnReference,
  literal,
  or,
  type ColumnIds,
} from '../../plan/logical/build.ts'
import type { AggregateCall, Expression } from '../../plan/logical/expression.ts'
import type { OutputColumn } from '../../plan/logical/relation.ts'
import type { FrameAggregate, FrameExpression, FrameValue } from './expression.ts'
import type { Typing } from '../../plan/logical/typing.ts'
import {
  castExplicitly,
  coerceToBoolean,
  typedAggregate,
  typedCall,
  typedMembership,
  unify,
} from '../../plan/logical/typing.ts'

/** Binds a frame expression to columns: names, overloads and casts, by SQL's rules. */
export function resolve(
  node: FrameExpression,
  columns: readonly OutputColumn[],
  typing: Typing,
): Expression {
  switch (node.kind) {
    case 'column':
      return columnReference(findColumn(node.name, columns))
    case 'value':
      return constant(node.value)
    case 'call':
      return typedCall(
        typing,
        node.name,
        node.args.map((arg) => resolve(arg, columns, typing)),
      )
    case 'and':
    case 'or': {
      const args = node.args.map((arg) =>
        coerceToBoolean(typing, resolve(arg, columns, typing), node.kind.toUpperCase()),
      )
      return node.kind === 'and' ? and(args) : or(args)
    }
    case 'cast':
      return castExplicitly(typing, resolve(node.arg, columns, typing), node.type)
    case 'in': {
      const list = node.list.map((member) => resolve(member, columns, typing))
      const arg = resolve(node.arg, columns, typing)
      return (
        typedMembership(typing, arg, list) ??
        or(list.map((member) => typedCall(typing, '=', [arg, member])))
      )
    }
    case 'case':
      return resolveCase(node, columns, typing)
    default:
      return unreachable(node)
  }
}

export function resolveAggregateCall(
  ids: ColumnIds,
  name: string,
  { name: fn, args, distinct }: FrameAggregate,
  columns: readonly OutputColumn[],
  typing: Typing,
): AggregateCall {
  const given = args.map((arg) => resolve(arg, columns, typing))
  const { fn: entry, args: typed, type } = typedAggregate(typing, fn, given)
  // A frame has no way to say the order.
  if (isOrderedSet(entry)) throw withinGroupRequired(entry)
  return { id: ids.next(), name, type, fn: entry, args: typed, distinct }
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
  columns: readonly OutputColumn[],
  typing: Typing,
): Expression {
  const conditions = node.branches.map((branch) =>
    coerceToBoolean(typing, resolve(branch.when, columns, typing), 'CASE/WHEN'),
  )
  // In SQL's order, which decides the type where there is a choice.
  const [otherwise, ...thens] = unify(
    typing,
    [node.otherwise, ...node.branches.map(({ result }) => result)].map((result) =>
      resolve(result, columns, typing),
    ),
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
