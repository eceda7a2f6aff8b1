import { notSupported } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { columnReference, join, project, window } from '../logical/build.ts'
import { defaultFrame, type ColumnReference } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { typedWindowCall } from '../logical/typed-window.ts'
import { typedCall } from '../logical/typing.ts'
import { freeColumns } from '../logical/walk.ts'
import type { Binder } from './context.ts'

/** DuckDB's POSITIONAL JOIN: rows side by side as they come, beside NULLs where one side has more. */
export function positionalJoin(
  binder: Binder,
  left: Relation,
  right: Relation,
  span: Span,
): Relation {
  const free = freeColumns(right)
  if (left.columns.some(({ id }) => free.has(id))) {
    throw notSupported('POSITIONAL JOIN LATERAL', span)
  }
  const [first, second] = [numbered(binder, left), numbered(binder, right)]
  const same = typedCall(binder, '=', [first.number, second.number], span)
  const joined = join('full', first.relation, second.relation, same)
  const own = [...left.columns, ...right.columns].map(({ id, name, type }) => {
    return { id, name, expr: columnReference({ id, name, type }) }
  })
  return project(joined, own)
}

function numbered(
  binder: Binder,
  input: Relation,
): { readonly relation: Relation; readonly number: ColumnReference } {
  const call = { id: binder.ctx.columnIds.next(), ...typedWindowCall(binder, 'row_number', []) }
  const spec = { partitionBy: [], orderBy: [] }
  const relation = window(input, spec, [{ ...call, frame: defaultFrame }])
  return { relation, number: columnReference(call) }
}
