import type { TypeKind } from '../../data/types/data-type.ts'
import type { Expression } from './expression.ts'

/** Whether a node itself, its arguments being values, can end in an error of the data. */
export function raisesItself(expr: Expression): boolean {
  if (expr.kind === 'call') return expr.fn.raises === true
  return expr.kind === 'cast' && !expr.lenient && !alwaysFits(expr.arg.type.kind, expr.type.kind)
}

/** Each has room for the values of those before it. */
const widening: readonly TypeKind[] = ['int2', 'int4', 'int8', 'float8']

function alwaysFits(from: TypeKind, to: TypeKind): boolean {
  const [less, more] = [widening.indexOf(from), widening.indexOf(to)]
  return less >= 0 && less <= more
}
