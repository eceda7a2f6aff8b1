import type { Frame, FrameBound } from '../../plan/logical/expression.ts'
import { givenArray, givenText, isRecord, wrongArgument } from '../../base/given.ts'
import { checkText } from '../../base/utf8.ts'
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
  | FrameOver

/** A window function, or an aggregate, over a window. */
export interface FrameOver {
  readonly kind: 'over'
  readonly call: FrameCall
  readonly isAggregate: boolean
  readonly window: FrameWindowParts
}

/** A call of an aggregate or of a window function. */
export interface FrameCall {
  readonly name: string
  readonly args: readonly FrameExpression[]
  readonly isDistinct: boolean
  readonly filter: FrameExpression | undefined
  readonly orderBy: readonly FrameSortKey[]
  /** What WITHIN GROUP sorts by; undefined where there is none. */
  readonly within: readonly FrameSortKey[] | undefined
}

/** What rows a window function sees of those that a frame has. */
export interface FrameWindowParts {
  readonly partitionBy: readonly FrameExpression[]
  readonly orderBy: readonly FrameSortKey[]
  /** Undefined: all rows up to the last one that is equal in the order. */
  readonly rows: FrameRows | undefined
}

export interface FrameRows {
  readonly unit: Frame['unit']
  readonly start: FrameEnd
  readonly end: FrameEnd
  readonly exclude: Frame['exclude']
}

/** One end of the rows; the offset is added to where the row itself is. */
export interface FrameEnd {
  readonly kind: FrameBound['kind']
  readonly offset?: FrameExpression
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

/** The expression of a column, or a constant. Errors: INVALID_PARAMETER_VALUE. */
export function nodeOf(operand: Operand): FrameExpression {
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
  if (typeof value === 'string') return checkText(value)
  if (value === null || valueKinds.has(typeof value)) return value
  throw wrongArgument(name, 'a column expression, boolean, number, bigint, string or null', value)
}
