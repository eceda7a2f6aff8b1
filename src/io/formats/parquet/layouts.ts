import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import { widestLayout, type Layout } from '../../../data/vectors/vector.ts'
import type { DataType } from '../../../data/types/data-type.ts'
import { widestIntegerBytes } from './schema.ts'
import { boundsOfBytes } from './statistics.ts'

const integerLayouts = [
  [1, 'i8'],
  [2, 'i16'],
  [4, 'i32'],
  [8, 'i64'],
] as const

/**
 * The narrowest layout in which all values of a column fit, by what the statistics of every file say.
 * One layout for the whole scan: each other one would be another compiled pipeline.
 */
export function narrowestLayout(known: ValueBounds | undefined, type: DataType): Layout {
  const widest = widestIntegerBytes(type)
  if (widest === undefined || known === undefined) return widestLayout(type)
  for (const [bytes, layout] of integerLayouts) {
    const bounds = boundsOfBytes(bytes)
    if (bytes <= widest && known.min >= bounds.min && known.max <= bounds.max) return layout
  }
  return widestLayout(type)
}
