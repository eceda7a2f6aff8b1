import { assert } from '../../base/assert.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import {
  layoutBytes,
  type ColumnStatistics,
  type Layout,
  type Vector,
} from '../../data/vectors/vector.ts'
import type { Kernels } from './loader.ts'

const integerLayouts = ['i8', 'i16', 'i32', 'i64', 'i128'] as const
type IntegerLayout = (typeof integerLayouts)[number]

export function isIntegerLayout(layout: Layout): layout is IntegerLayout {
  return (integerLayouts as readonly Layout[]).includes(layout)
}

/** The narrowest integer layout that holds all values between the bounds; i8 when there are none. */
export function narrowestLayout(
  statistics: Pick<ColumnStatistics, 'min' | 'max'>,
  widest: IntegerLayout,
): IntegerLayout {
  const { min, max } = statistics
  if (min === undefined || max === undefined) return 'i8'
  const fits = (layout: IntegerLayout): boolean => {
    const bits = layoutBytes[layout] * 8
    return BigInt.asIntN(bits, min) === min && BigInt.asIntN(bits, max) === max
  }
  return integerLayouts.find((layout) => layout === widest || fits(layout)) ?? widest
}

/** An integer vector in another layout, its values copied; NULL slots may be cut off. */
export function convertLayout(
  arena: Arena,
  kernels: Kernels,
  vector: Vector,
  layout: Layout,
): Vector {
  if (layout === vector.layout) return vector
  assert(isIntegerLayout(layout) && isIntegerLayout(vector.layout), 'conversion of no integers')
  const bytes = layoutBytes[layout]
  const values = arena.allocate(bytes * vector.length)
  const width = layoutBytes[vector.layout]
  kernels.call('convertIntegers', vector.values, width, vector.length, values, bytes)
  return { ...vector, layout, values }
}
