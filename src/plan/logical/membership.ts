import type { Span } from '../../base/span.ts'
import { commonType } from '../../data/types/coercion.ts'
import { float8, type TypeKind } from '../../data/types/data-type.ts'
import { inList } from './build.ts'
import type { Expression } from './expression.ts'
import { coerce, type Typing } from './typing.ts'
import { columnsUsed } from './walk.ts'

/**
 * `arg IN (list)` with everything brought to one type. Undefined where there is none, or members are no
 * constants, as each is then compared by itself.
 */
export function typedMembership(
  typing: Typing,
  arg: Expression,
  list: readonly Expression[],
  span?: Span,
): Expression | undefined {
  const exprs = [arg, ...list]
  const type = commonType(
    exprs.map((expr) => expr.type),
    typing.digits,
  )
  if (type === undefined || list.length === 1 || comparesApart(exprs)) return undefined
  const members = list.map((expr) => coerce(typing, expr, type))
  // Only the list is brought to it: other numbers are compared with float4 as float8.
  const isWider = type.kind === 'float4' && !['float4', 'unknown'].includes(arg.type.kind)
  const both = isWider ? float8 : type
  return inList(
    coerce(typing, arg, both),
    members.map((expr) => coerce(typing, expr, both)),
    span,
  )
}

/**
 * Whether members are compared one by one: of those that are no constants PostgreSQL makes no list, and each
 * pair says by itself whether blanks at the end of char(n) count, and exact numbers become floats.
 */
function comparesApart(exprs: readonly Expression[]): boolean {
  const differ = (is: (kind: TypeKind) => boolean): boolean =>
    exprs.some(({ type }) => is(type.kind)) && !exprs.every(({ type }) => is(type.kind))
  if (!differ((kind) => kind === 'bpchar') && !differ(isFloat)) return false
  return exprs.slice(1).some((expr) => columnsUsed(expr).size > 0)
}

function isFloat(kind: TypeKind): boolean {
  return kind === 'float4' || kind === 'float8'
}
