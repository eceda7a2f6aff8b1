import { float8 } from '../../data/types/data-type.ts'
import { floatKernel } from '../../wasm/kernels/loader.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { bounded, finite, floatFunction, inputOutOfRange, type Compute } from './functions.ts'
import { mathForm } from './inline.ts'

/** Of values from 1 on; NaN is none below it. */
function fromOne(compute: Compute): Compute {
  return (value) => {
    if (value < 1) throw inputOutOfRange()
    return compute(value)
  }
}

const angle = floatKernel('floatAtan2d')

/** PostgreSQL has nothing but a whole turn for the angle of two infinities: C's own. */
function angleOf(y: number, x: number): number {
  if (Number.isFinite(y) && Number.isFinite(x)) return angle(y, x)
  return (Math.atan2(y, x) / Math.atan(1)) * 45
}

/** Angles in degrees, and inverses of hyperbolic functions. */
export const degreeFunctions: readonly ScalarFunction[] = [
  floatFunction('sind', 'Sine of degrees.', 'sind(30) -- 0.5', 'floatSind', finite),
  floatFunction('cosd', 'Cosine of degrees.', 'cosd(60) -- 0.5', 'floatCosd', finite),
  floatFunction('tand', 'Tangent of degrees.', 'tand(45) -- 1', 'floatTand', finite),
  floatFunction('cotd', 'Cotangent of degrees.', 'cotd(45) -- 1', 'floatCotd', finite),
  floatFunction('asind', 'Inverse sine in degrees.', 'asind(0.5) -- 30', 'floatAsind', bounded),
  floatFunction('acosd', 'Inverse cosine in degrees.', 'acosd(0.5) -- 60', 'floatAcosd', bounded),
  floatFunction('atand', 'Inverse tangent in degrees.', 'atand(1) -- 45', 'floatAtand'),
  scalar({
    name: 'atan2d',
    args: ['float8', 'float8'],
    returns: float8,
    doc: 'Inverse tangent of the first by the second in degrees, in the right quadrant.',
    example: 'atan2d(1, 0) -- 90',
    evaluate: ([y, x]) => angleOf(Number(y), Number(x)),
    inline: mathForm('floatAtan2d'),
  }),
  floatFunction('asinh', 'Inverse hyperbolic sine.', 'asinh(1) -- 0.881373587019543', 'floatAsinh'),
  floatFunction(
    'acosh',
    'Inverse hyperbolic cosine.',
    'acosh(2) -- 1.3169578969248166',
    'floatAcosh',
    fromOne,
  ),
  floatFunction(
    'atanh',
    'Inverse hyperbolic tangent.',
    'atanh(0.5) -- 0.5493061443340548',
    'floatAtanh',
    bounded,
  ),
]
