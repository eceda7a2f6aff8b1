import { givenArray, givenText, isRecord, wrongArgument } from '../../base/given.ts'
import type { DataType } from '../../data/types/data-type.ts'

/** An expression over the columns of a dataframe, not yet bound to any. */
export type FrameExpression =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'value'; readonly value: FrameValue }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly FrameExpression[] }
  | { readonly kind: 'and' | 'or'; readonly args: readonly FrameExpression[] }
  | { readonly kind: 'cast'; readonly arg: FrameExpression; readonly type: DataType }
  | {
      readonly kind: 'in'
      readonly arg: FrameExpression
      readonly list: readonly FrameExpression[]
    }
  | {
      readonly kind: 'case'
      readonly branches: readonly FrameBranch[]
      readonly otherwise: FrameExpression
    }

interface FrameBranch {
  readonly when: FrameExpression
  readonly result: FrameExpression
}

/** What may stand for a constant. A string takes the type that its place asks for, as in SQL. */
export type FrameValue = null | boolean | number | bigint | string

/** A column, or anything computed from columns; immutable. */
export class Column {
  readonly node: FrameExpression

  constructor(node: FrameExpression) {
    this.node = node
  }

  eq(other: Operand): Column {
    return this.#binary('=', other)
  }

  ne(other: Operand): Column {
    return this.#binary('<>', other)
  }

  lt(other: Operand): Column {
    return this.#binary('<', other)
  }

  le(other: Operand): Column {
    return this.#binary('<=', other)
  }

  gt(other: Operand): Column {
    return this.#binary('>', other)
  }

  ge(other: Operand): Column {
    return this.#binary('>=', other)
  }

  plus(other: Operand): Column {
    return this.#binary('+', other)
  }

  minus(other: Operand): Column {
    return this.#binary('-', other)
  }

  times(other: Operand): Column {
    return this.#binary('*', other)
  }

  dividedBy(other: Operand): Column {
    return this.#binary('/', other)
  }

  modulo(other: Operand): Column {
    return this.#binary('%', other)
  }

  like(pattern: string): Column {
    return this.#binary('like', pattern)
  }

  between(low: Operand, high: Operand): Column {
    return this.ge(low).and(this.le(high))
  }

  isIn(values: readonly Operand[]): Column {
    return new Column({
      kind: 'in',
      arg: this.node,
      list: givenArray('values', values).map(nodeOf),
    })
  }

  isNull(): Column {
    return call('is_null', this)
  }

  isNotNull(): Column {
    return call('is_not_null', this)
  }

  and(other: Column): Column {
    return new Column({ kind: 'and', args: [this.node, givenColumn('other', other).node] })
  }

  or(other: Column): Column {
    return new Column({ kind: 'or', args: [this.node, givenColumn('other', other).node] })
  }

  not(): Column {
    return call('not', this)
  }

  cast(type: DataType): Column {
    if (!isRecord(type) || typeof type.kind !== 'string') {
      throw wrongArgument('type', 'a data type', type)
    }
    return new Column({ kind: 'cast', arg: this.node, type })
  }

  asc(): FrameSortKey {
    return { column: this, descending: false, nullsFirst: false }
  }

  desc(): FrameSortKey {
    return { column: this, descending: true, nullsFirst: true }
  }

  #binary(name: string, other: Operand): Column {
    return new Column({ kind: 'call', name, args: [this.node, nodeOf(other)] })
  }
}

export type Operand = Column | FrameValue

/** NULLs sort last when ascending and first when descending, as in PostgreSQL. */
export interface FrameSortKey {
  readonly column: Column
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** A column by name; `t.a` names are not known here, joined columns keep their own names. */
export function col(name: string): Column {
  return new Column({ kind: 'column', name: givenText('name', name) })
}

/** A constant. */
export function lit(value: FrameValue): Column {
  return new Column({ kind: 'value', value: givenValue('value', value) })
}

/** A call of any scalar function of the SQL catalogue. */
export function call(name: string, ...args: readonly Operand[]): Column {
  return new Column({ kind: 'call', name: givenText('name', name), args: args.map(nodeOf) })
}

/** `when(condition, result)...`: the first branch whose condition holds, else `otherwise`. */
export function when(
  branches: readonly (readonly [condition: Column, result: Operand])[],
  otherwise: Operand,
): Column {
  return new Column({
    kind: 'case',
    branches: givenArray('branches', branches).map((branch) => {
      const [condition, result] = givenArray('branch', branch) as typeof branch
      return { when: givenColumn('condition', condition).node, result: nodeOf(result) }
    }),
    otherwise: nodeOf(otherwise),
  })
}

/** An aggregate of a group. */
export interface FrameAggregate {
  readonly name: string
  readonly args: readonly FrameExpression[]
  readonly distinct: boolean
}

function aggregateOf(name: string, args: readonly Operand[], distinct = false): FrameAggregate {
  return { name, args: args.map(nodeOf), distinct }
}

/** Number of rows, or of rows where the argument is not NULL. */
export function count(arg?: Operand): FrameAggregate {
  return aggregateOf('count', arg === undefined ? [] : [arg])
}

export function countDistinct(arg: Operand): FrameAggregate {
  return aggregateOf('count', [arg], true)
}

export function sum(arg: Operand): FrameAggregate {
  return aggregateOf('sum', [arg])
}

export function avg(arg: Operand): FrameAggregate {
  return aggregateOf('avg', [arg])
}

export function min(arg: Operand): FrameAggregate {
  return aggregateOf('min', [arg])
}

export function max(arg: Operand): FrameAggregate {
  return aggregateOf('max', [arg])
}

function nodeOf(operand: Operand): FrameExpression {
  if (operand instanceof Column) return operand.node
  return { kind: 'value', value: givenValue('operand', operand) }
}

/** Errors: INVALID_PARAMETER_VALUE for anything but a column. */
export function givenColumn(name: string, value: Column): Column {
  if (value instanceof Column) return value
  throw wrongArgument(name, 'a column expression', value)
}

const valueKinds: ReadonlySet<string> = new Set(['boolean', 'number', 'bigint', 'string'])

function givenValue(name: string, value: FrameValue): FrameValue {
  if (value === null || valueKinds.has(typeof value)) return value
  throw wrongArgument(name, 'a column expression, boolean, number, bigint, string or null', value)
}
