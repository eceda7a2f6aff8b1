import { assert } from '../../../base/assert.ts'
import { valueForm } from '../../../data/types/catalogue.ts'
import { encodeWideNumeric, isInlineNumeric, WIDE_TAG } from '../../../data/types/wide-numeric.ts'
import { isInterval, isNumeric, type Scalar } from '../../../data/types/scalar.ts'
import { bytesOfScalar } from '../../../data/vectors/text-values.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Literal } from '../../../plan/logical/expression.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { EmitScope } from './emit-scope.ts'
import { laneTypes } from '../../../functions/emit.ts'
import { hoistedNull } from './values.ts'

/**
 * A literal's value in locals that are set before the loop. Numbers are constants of the code, so the
 * optimizing compiler folds them and their range is known; bytes of text lie in the context.
 */
export function emitLiteral(scope: EmitScope, expr: Literal): Value {
  const { f } = scope
  const { type, value } = expr
  if (value === null) return hoistedNull(f, type)
  const plain = { type, valid: undefined, range: undefined }
  switch (valueForm(type)) {
    case 'bit':
      return { ...plain, lanes: [constant32(scope, value === true ? 1 : 0)] }
    case 'i32': {
      const integer = BigInt(Number(value))
      const range = { min: integer, max: integer }
      return { ...plain, range, lanes: [constant32(scope, Number(value))] }
    }
    case 'f32':
      return { ...plain, lanes: [f.hoisted('f32', () => f.f32(Number(value)))] }
    case 'f64':
      return { ...plain, lanes: [f.hoisted('f64', () => f.f64(Number(value)))] }
    case 'text':
    case 'bytes':
    case 'keyed':
      return { ...plain, lanes: [bytesView(scope, bytesOfScalar(value, type))] }
    case 'interval':
      assert(isInterval(value), 'interval literal of another value')
      return {
        ...plain,
        lanes: [
          constant64(scope, (BigInt(value.days) << 32n) | BigInt.asUintN(32, BigInt(value.months))),
          constant64(scope, value.micros),
        ],
      }
    case 'numeric': {
      assert(isNumeric(value), 'numeric literal of another value')
      if (!isInlineNumeric(value)) {
        const view = bytesView(scope, encodeWideNumeric(value))
        return { ...plain, lanes: [view, constant64(scope, BigInt(WIDE_TAG) << 56n)] }
      }
      const { unscaled, scale } = value
      const bits = BigInt.asUintN(120, unscaled) | (BigInt(scale) << 120n)
      return { ...plain, lanes: [constant64(scope, bits), constant64(scope, bits >> 64n)] }
    }
    case 'i64':
    case 'i128':
      return integerLiteral(scope, expr, value)
  }
}

function integerLiteral(scope: EmitScope, expr: Literal, value: Scalar): Value {
  assert(typeof value === 'bigint', `literal of ${expr.type.kind}`)
  const fits = BigInt.asIntN(64, value) === value
  const wide = laneTypes(expr.type).length === 2 && !fits
  const low = constant64(scope, value)
  const lanes = wide ? [low, constant64(scope, value >> 64n)] : [low]
  return { type: expr.type, lanes, valid: undefined, range: { min: value, max: value } }
}

function constant32(scope: EmitScope, value: number): Local {
  return scope.f.hoisted('i32', () => scope.f.i32(value))
}

function constant64(scope: EmitScope, value: bigint): Local {
  return scope.f.hoisted('i64', () => scope.f.i64(BigInt.asIntN(64, value)))
}

/** A view of bytes that lie in the context. */
export function bytesView(scope: EmitScope, bytes: Uint8Array): Local {
  const { f } = scope
  const word = scope.module.context.text(bytes)
  return f.hoisted('i64', () => {
    f.get(scope.ctx).memory('i64.load32_u', word)
    f.i64(BigInt(bytes.length) << 32n).op('i64.or')
  })
}
