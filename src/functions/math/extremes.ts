import { present } from '../../base/assert.ts'
import { commonType } from '../../data/types/coercion.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import { DECIMAL64_PRECISION_MAX, text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import { keep } from '../emit.ts'
import type { ScalarFunction } from '../function.ts'
import type { InlineForm, Value } from '../inline.ts'
import { comparesInline, pushComparison } from '../operators/comparison-inline.ts'

/** Keeps the better of two at each step, by selects; a NULL never wins. */
function extremeForm(operator: '<' | '>'): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const pushValid = (value: Value): void => {
      if (value.valid === undefined) f.i32(1)
      else f.get(value.valid)
    }
    const [first, ...rest] = args
    let best = present(first, 'no arguments')
    for (const next of rest) {
      pushComparison(ctx, operator, next, best)
      if (best.valid !== undefined) f.get(best.valid).op('i32.eqz').op('i32.or')
      if (next.valid !== undefined) f.get(next.valid).op('i32.and')
      const wins = keep(f, 'i32')
      const lanes = next.lanes.map((local, index) => {
        f.get(local).get(present(best.lanes[index], 'lanes differ')).get(wins).op('select')
        return keep(f, f.typeOf(local))
      })
      let valid: Value['valid']
      if (best.valid !== undefined && next.valid !== undefined) {
        pushValid(best)
        pushValid(next)
        f.op('i32.or')
        valid = keep(f, 'i32')
      }
      best = { ...best, lanes, valid, range: undefined }
    }
    return {
      lanes: best.lanes,
      valid: best.valid,
      range: args.length === 1 ? best.range : undefined,
    }
  }
}

function inOneLane(types: readonly DataType[]): boolean {
  const [type = text] = types
  if (type.kind === 'decimal' && type.precision > DECIMAL64_PRECISION_MAX) return false
  return comparesInline([type, type])
}

function extreme(name: 'greatest' | 'least', operator: '<' | '>', example: string): ScalarFunction {
  const sign = operator === '>' ? 1 : -1
  return scalar({
    name,
    args: ['any'],
    variadic: true,
    sameTypes: true,
    alternatives: name.toUpperCase(),
    declaredAs: 'all',
    returns: (types: readonly DataType[]) => commonType(types) ?? text,
    nulls: 'called',
    doc: `The ${name} of the values that are not NULL.`,
    example,
    evaluate: (args, types) => {
      const [type = text] = types
      let best: Scalar = null
      for (const value of args) {
        if (value === null) continue
        if (best === null || compareScalars(value, best, type) * sign > 0) best = value
      }
      return best
    },
    inline: extremeForm(operator),
    inlineFor: inOneLane,
  })
}

export const extremeFunctions: readonly ScalarFunction[] = [
  extreme('greatest', '>', 'greatest(1, NULL, 3) -- 3'),
  extreme('least', '<', 'least(1, NULL, 3) -- 1'),
]
