import { columnReference } from '../logical/build.ts'
import { sizeOf } from '../logical/expression-size.ts'
import { duplicate } from '../logical/fresh.ts'
import type { Expression, LetBinding } from '../logical/expression.ts'
import type { Binder } from './context.ts'

/** An expression of more nodes than this is not repeated: nested, repetition doubles a plan a level. */
const REPEATED_NODES_MAX = 24

/**
 * What `build` makes of a value that it reads any number of times. Small values are repeated, so that
 * rules see through them; others are evaluated once and named, as volatile ones must be.
 */
export function shared(
  binder: Binder,
  value: Expression,
  build: (read: () => Expression) => Expression,
): Expression {
  const { columnIds } = binder.ctx
  if (!isRepeated(value)) {
    const id = columnIds.next()
    const body = build(() => columnReference({ id, name: 'value', type: value.type }))
    // Subqueries move out of the expression, to where the name is not known.
    if (!sizeOf(body).hasSubquery) return named([{ id, value }], body)
  }
  return build(repeated(binder, value))
}

/** Whether a value may stand wherever it is read. */
export function isRepeated(value: Expression): boolean {
  const { nodes, hasSubquery, isVolatile } = sizeOf(value)
  return hasSubquery || (nodes <= REPEATED_NODES_MAX && !isVolatile)
}

/** Gives the value, and from the second time on a copy of it. */
export function repeated({ ctx }: Binder, value: Expression): () => Expression {
  let isFirst = true
  return () => {
    const again = isFirst ? value : duplicate(ctx.columnIds, value)
    isFirst = false
    return again
  }
}

export function named(bindings: readonly LetBinding[], body: Expression): Expression {
  if (bindings.length === 0) return body
  return { kind: 'let', bindings, body, type: body.type, ...(body.span && { span: body.span }) }
}
