import { QueryError } from '../../base/errors.ts'
import { givenRecord, givenRunOptions, wrongArgument } from '../../base/given.ts'
import * as types from '../../data/types/data-type.ts'
import {
  aggregate,
  and,
  columnReference,
  distinct,
  filter,
  join,
  limit,
  literal,
  named,
  project,
  sort,
  trueLiteral,
  unionAll,
  type ColumnIds,
} from '../../plan/logical/build.ts'
import type { Expression, NamedExpression } from '../../plan/logical/expression.ts'
import type { OutputColumn, Relation } from '../../plan/logical/relation.ts'
import { namedAggregates, type FrameAggregate } from './aggregate.ts'
import { Column, givenColumn } from './expression.ts'
import type { FrameExpression, FrameSortKey } from './expression.ts'
import {
  explainViews,
  givenCondition,
  givenOneOf,
  joinKinds,
  namedColumns,
  sortKey,
} from './arguments.ts'
import { withWindows } from './resolve-windows.ts'
import {
  findColumn,
  resolve,
  resolveAggregateCall,
  resolveKeys,
  type WindowColumns,
} from './resolve.ts'
import type { Typing } from '../../plan/logical/typing.ts'
import { coerceToBoolean, mergedColumn, settle, typedCall } from '../../plan/logical/typing.ts'

/** What building a frame's plan may use. */
export interface FrameContext extends Typing {
  readonly ids: ColumnIds
  /** The plan of a table or view of the catalog. */
  table(name: string): Promise<Relation>
}

type Build = (ctx: FrameContext) => Promise<Relation>

/** What frames need of the engine that runs them; `Result` is its kind of answer. */
export interface FrameAccess<Result> {
  collect(build: Build, options: FrameRunOptions): Promise<Result>
  explain(build: Build, view: ExplainView): Promise<string>
}

export interface FrameRunOptions {
  readonly signal?: AbortSignal | undefined
}

export type ExplainView = 'logical' | 'optimized' | 'physical' | 'stages'
export type FrameJoinKind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti'

/** Columns of equal name on both sides, pairs of left and right name, or any condition. */
export type JoinCondition = string | readonly string[] | Readonly<Record<string, string>> | Column

/**
 * A lazy table: every method gives a new frame, nothing runs before {@link DataFrame.collect}. It
 * builds the same logical plan as SQL, so it is optimized and run in the same way.
 */
export class DataFrame<Result = unknown> {
  readonly #access: FrameAccess<Result>
  readonly #build: Build

  private constructor(access: FrameAccess<Result>, build: Build) {
    this.#access = access
    this.#build = build
  }

  static table<R>(access: FrameAccess<R>, name: string): DataFrame<R> {
    return new DataFrame(access, (ctx) => ctx.table(name))
  }

  /** Rows for which the condition is true. */
  filter(condition: Column): DataFrame<Result> {
    givenColumn('condition', condition)
    return this.#then((input, ctx) => {
      const predicate = resolve(condition.node, input.columns, ctx)
      return filter(input, coerceToBoolean(ctx, predicate, 'filter'))
    })
  }

  /** These columns only, in this order: names, or new names with their expressions. */
  select(...items: readonly (string | Readonly<Record<string, Column>>)[]): DataFrame<Result> {
    const exprs = items.flatMap((item) => namedColumns('items', item))
    return this.#then((input, ctx) => {
      const windowed = withWindows(ctx, input, nodesOf(exprs))
      return project(
        windowed.input,
        exprs.map(([name, column]) => computed(ctx, name, column, input, windowed.windows)),
      )
    })
  }

  /** All columns, and these in addition (or in place of those with the same name). */
  withColumns(items: Readonly<Record<string, Column>>): DataFrame<Result> {
    const added = namedColumns('items', givenRecord('items', items))
    return this.#then((input, ctx) => {
      const windowed = withWindows(ctx, input, nodesOf(added))
      const kept = input.columns.filter(({ name }) => !Object.hasOwn(items, name))
      return project(windowed.input, [
        ...kept.map((column) => named(ctx.ids, column.name, columnReference(column))),
        ...added.map(([name, column]) => computed(ctx, name, column, input, windowed.windows)),
      ])
    })
  }

  /**
   * Joins another frame. Where `on` names columns of equal name, they appear once. Other columns of
   * equal name stay apart and cannot be named afterwards: rename them before.
   */
  join(
    other: DataFrame<Result>,
    on: JoinCondition,
    how: FrameJoinKind = 'inner',
  ): DataFrame<Result> {
    givenFrame('other', other)
    givenOneOf('how', how, joinKinds)
    givenCondition(on)
    return new DataFrame(this.#access, async (ctx) => {
      const left = await this.#build(ctx)
      const right = await other.#build(ctx)
      const { condition, shared } = joinCondition(on, left, right, ctx)
      const joined = join(how, left, right, condition)
      if (shared.length === 0 || how === 'semi' || how === 'anti') return joined
      return mergeShared(ctx, joined, left, right, { shared, how })
    })
  }

  groupBy(...keys: readonly (string | Readonly<Record<string, Column>>)[]): GroupedFrame<Result> {
    const entries = keys.flatMap((key) => namedColumns('keys', key))
    return {
      agg: (aggregates) => {
        const calls = namedAggregates(aggregates)
        return this.#then((input, ctx) =>
          aggregate(
            input,
            entries.map(([name, column]) => computed(ctx, name, column, input)),
            calls.map(([name, call]) =>
              resolveAggregateCall(ctx.ids, name, call, input.columns, ctx),
            ),
          ),
        )
      },
    }
  }

  /** One row of aggregates over all rows. */
  agg(aggregates: Readonly<Record<string, FrameAggregate>>): DataFrame<Result> {
    return this.groupBy().agg(aggregates)
  }

  sort(...keys: readonly (string | Column | FrameSortKey)[]): DataFrame<Result> {
    const by = keys.map(sortKey)
    return this.#then((input, ctx) => sort(input, resolveKeys(by, input.columns, ctx)))
  }

  limit(rows: number, offset = 0): DataFrame<Result> {
    if (!Number.isSafeInteger(rows) || rows < 0 || !Number.isSafeInteger(offset) || offset < 0) {
      throw new QueryError('INVALID_LIMIT', 'limit and offset must be integers from 0')
    }
    return this.#then((input) =>
      limit(input, {
        limit: literal(BigInt(rows), types.int8),
        offset: literal(BigInt(offset), types.int8),
      }),
    )
  }

  distinct(): DataFrame<Result> {
    return this.#then((input, { ids }) => distinct(ids, input))
  }

  /** The rows of both frames, duplicates included; columns go by position. */
  unionAll(other: DataFrame<Result>): DataFrame<Result> {
    givenFrame('other', other)
    return new DataFrame(this.#access, async (ctx) => {
      const inputs = [await this.#build(ctx), await other.#build(ctx)]
      const [first, second] = inputs.map(({ columns }) =>
        columns.map(({ type }) => types.typeName(type)),
      )
      if (first?.join() === second?.join()) return unionAll(ctx.ids, inputs)
      throw new QueryError('DATATYPE_MISMATCH', 'unionAll needs columns of the same types', {
        expected: first?.join(', ') ?? '',
        found: second?.join(', ') ?? '',
      })
    })
  }

  /** Runs the plan. */
  async collect(options: FrameRunOptions = {}): Promise<Result> {
    givenRunOptions(options)
    return this.#access.collect(this.#build, options)
  }

  /** The plan as EXPLAIN prints it. */
  async explain(view: ExplainView = 'physical'): Promise<string> {
    givenOneOf('view', view, explainViews)
    return this.#access.explain(this.#build, view)
  }

  #then(step: (input: Relation, ctx: FrameContext) => Relation): DataFrame<Result> {
    return new DataFrame(this.#access, async (ctx) => step(await this.#build(ctx), ctx))
  }
}

export interface GroupedFrame<Result> {
  /** One row a group: the keys, then the aggregates by name. */
  agg(aggregates: Readonly<Record<string, FrameAggregate>>): DataFrame<Result>
}

function joinCondition(
  on: JoinCondition,
  left: Relation,
  right: Relation,
  typing: Typing,
): { readonly condition: Expression; readonly shared: readonly string[] } {
  if (on instanceof Column) {
    const bound = resolve(on.node, [...left.columns, ...right.columns], typing)
    return { condition: coerceToBoolean(typing, bound, 'join'), shared: [] }
  }
  const names = typeof on === 'string' ? [on] : on
  const pairs = Array.isArray(names)
    ? names.map((name: string) => [name, name] as const)
    : Object.entries(names)
  if (pairs.length === 0) return { condition: trueLiteral, shared: [] }
  const equalities = pairs.map(([a, b]) =>
    equality(findColumn(a, left.columns), findColumn(b, right.columns), typing),
  )
  return {
    condition: and(equalities),
    shared: pairs.filter(([a, b]) => a === b).map(([a]) => a),
  }
}

/** `left = right` for two columns that may have the same name. */
function equality(left: OutputColumn, right: OutputColumn, typing: Typing): Expression {
  return typedCall(typing, '=', [columnReference(left), columnReference(right)])
}

/** Shared join columns once: the side that cannot be null-extended gives the value. */
function mergeShared(
  ctx: FrameContext,
  joined: Relation,
  left: Relation,
  right: Relation,
  { shared, how }: { readonly shared: readonly string[]; readonly how: FrameJoinKind },
): Relation {
  const value = (name: string): Expression => {
    const [a, b] = [findColumn(name, left.columns), findColumn(name, right.columns)]
    return mergedColumn(ctx, how, columnReference(a), columnReference(b))
  }
  const rest = [...left.columns, ...right.columns].filter(({ name }) => !shared.includes(name))
  const nullable = new Map(joined.columns.map((column) => [column.id, column]))
  return project(joined, [
    ...shared.map((name) => named(ctx.ids, name, value(name))),
    ...rest.map((column) =>
      named(ctx.ids, column.name, columnReference(nullable.get(column.id) ?? column)),
    ),
  ])
}

/** A column under a new name; what is of unknown type is text, as in every query's outputs. */
function computed(
  ctx: FrameContext,
  name: string,
  { node }: Column,
  { columns }: Relation,
  windows?: WindowColumns,
): NamedExpression {
  return named(ctx.ids, name, settle(ctx, resolve(node, columns, ctx, windows)))
}

function nodesOf(items: readonly (readonly [string, Column])[]): readonly FrameExpression[] {
  return items.map(([, { node }]) => node)
}

function givenFrame(name: string, value: unknown): void {
  if (!(value instanceof DataFrame)) throw wrongArgument(name, 'a dataframe', value)
}
